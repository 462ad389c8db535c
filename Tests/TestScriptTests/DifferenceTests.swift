import MessageText
import Testing

@testable import TestScript

/// What reports say about messages that differ, and pages of servers that refuse.
@Suite struct DifferenceTests {
    private static let newlinesCases: [(String, String, String)] = [
        ("a", "a\n", "one more newline at the end"), ("a\n", "a", "one newline less at the end"),
        ("a\nb", "a\nb\n\n", "2 more newlines at the end"), ("a\n\n\n", "a", "3 newlines less at the end"),
        ("a\n", "a\r\n", "the newline at the end is written differently"), ("", "\n", "one more newline at the end"),
        ("{\"a\":1}", "{\"a\":1}\n", "one more newline at the end"),
    ]

    @Test("A difference only in the newlines at the end is said in words", arguments: newlinesCases)
    func newlines(expected: String, received: String, words: String) {
        let lines = TextDiff.lines(expected: expected, received: received)
        #expect(lines.first == words)
        #expect(lines.count == 3)
    }

    @Test("Other differences are not said to be in the newlines", arguments: [("a", "b\n"), ("a\nb\n", "a\nc\n")])
    func others(expected: String, received: String) {
        #expect(!TextDiff.lines(expected: expected, received: received).contains { $0.contains("newline") })
    }

    private static let pagesCases: [(String, [String]?)] = [
        ("not found", nil), ("a < b and c > d", nil),
        (
            "<!DOCTYPE html>\n<html><head><title>404 Not Found</title><style>b{}</style></head>\n<body>\n"
                + "<h1>404 Not Found</h1><hr><p>nginx &amp; <b>co</b>&nbsp;&#8212; &lt;x&gt;</p><script>x<y</script></body></html>",
            ["404 Not Found", "nginx & co — <x>"]
        ), ("<html><!-- <p>no</p> --><p>yes", ["yes"]), ("<html><script>never closed", []),
        ("<HTML><BODY>&#x41;&#0;&unknown;</BODY></HTML>", ["A\0&unknown;"]), ("<html><p>cut <a hre", ["cut"]),
    ]

    @Test("A page is shown without its tags", arguments: pagesCases)
    func pages(page: String, lines: [String]?) {
        #expect(HTMLText.lines(of: page) == lines)
    }
}
