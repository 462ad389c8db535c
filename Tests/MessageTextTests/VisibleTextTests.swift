import MessageText
import Testing

@Suite struct VisibleTextTests {
    @Test(
        "Characters that control the terminal or are invisible are escaped",
        arguments: [
            ("plain", "plain"), ("ä😀", "ä😀"), ("a\nb\tc", #"a\nb\tc"#), ("\u{1B}[31m", #"\e[31m"#), ("\0\r", #"\0\r"#),
            ("\u{9B}x", #"\u{9B}x"#), ("\u{202E}abc", #"\u{202E}abc"#), ("\u{2028}", #"\u{2028}"#),
            ("👩\u{200D}🚀", "👩\u{200D}🚀"),
            ("\u{7F}", #"\u{7F}"#), ("\u{FEFF}", #"\u{FEFF}"#),
        ]
    )
    func line(text: String, visible: String) {
        #expect(VisibleText.line(text) == visible)
    }

    @Test("Megabytes of control characters are escaped in time proportional to their number")
    func many() {
        // It would take the better part of an hour if each escape copied the text before it.
        #expect(VisibleText.line(String(repeating: "\0\n", count: 2 << 20)).utf8.count == 8 << 20)
    }

    @Test("Newlines and tabs can be kept")
    func newlines() {
        var output: [UInt8] = []
        VisibleText.append("a\n\tb\u{7}".utf8, to: &output, newline: "\n  ")
        #expect(String(decoding: output, as: UTF8.self) == "a\n  \tb\\u{7}")
    }

    @Test(
        "Ambiguous text is quoted",
        arguments: [
            ("a b", "a b"), ("", "\"\""), (" a", "\" a\""), ("a\n", #""a\n""#), ("\"a\"", "\"a\""),
            ("\" a\"", #""\" a\"""#), ("\"", "\""),
            ("a\u{A0}b", #""a\u00a0b""#), ("\0\u{1B}", #""\u0000\u001b""#), ("\u{E0041}", #""\udb40\udc41""#),
            (#"a\b"#, #"a\b"#),
        ]
    )
    func distinct(text: String, visible: String) {
        #expect(VisibleText.distinct(text) == visible)
    }

    @Test("Quoted text is a JSON string", arguments: ["\0\r\t\n\u{1B}\"\\", "\u{202E}\u{E0041}😀", ""])
    func quoted(text: String) throws {
        #expect(try JSONParser.parse(VisibleText.quoted(text).utf8) == .string(text))
    }
}
