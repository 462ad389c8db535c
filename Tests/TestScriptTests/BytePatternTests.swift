import MessageText
import Testing

@testable import TestScript

/// Patterns of `<hex` with wildcards and groups.
@Suite struct BytePatternTests {
    private static let cases: [(pattern: String, bytes: [UInt8], captures: [String: String]?)] = [
        ("", [], [:]), ("", [1], nil), ("..", [], [:]), ("?? ff", [1, 255], [:]), ("??", [], nil), ("01", [1, 2], nil),
        (".. 02", [2, 1, 2], [:]), (".. 02 ..", [1], nil), (".. ..", [1, 2], [:]), (".. 01 01 02", [1, 1, 1, 2], [:]),
        ("40 02 (?<id>????)", [0x40, 2, 0x1F, 0x0A], ["id": "1f0a"]), ("(?<a>..)", [], ["a": ""]),
        ("(?<a>)01", [1], ["a": ""]), ("(?<all>..) (?<last>??)", [1, 2, 3], ["all": "0102", "last": "03"]),
        // The last `..` matches again and again, and with it the groups after it.
        (".. 01 (?<a>??) 03", [1, 2, 1, 4, 3], ["a": "04"]), ("(?<a>01 ?? ..) ff", [1, 0, 255, 255], ["a": "0100ff"]),
        ("(?<a>..)00(?<b>..)", [1, 0, 2, 0, 3], ["a": "01", "b": "020003"]), ("(?<a>01)(?<b>02)", [1, 3], nil),
    ]

    @Test("A pattern matches all bytes and captures its groups", arguments: cases)
    func match(pattern: String, bytes: [UInt8], captures: [String: String]?) throws {
        #expect(try BytePattern(pattern).match(bytes) == captures)
    }

    private static let mistakes = [
        ("0", "two digits for each byte"), ("(?<id>0)", "not a hexadecimal digit"), ("(?<id>00", "no closing"),
        ("(?<1>00)", "expected (?<name>"), ("(?<a>(?<b>00))", "no other group"), ("(00)", "expected (?<name>"),
        ("00)", "two digits"), ("(?<a>00)(?<a>00)", "duplicate group \"a\""), ("(?<a", "expected (?<name>"),
        ("0x", "not a hexadecimal digit"),
    ]

    @Test("A mistake is reported", arguments: mistakes)
    func mistake(pattern: String, words: String) {
        #expect {
            _ = try BytePattern(pattern)
        } throws: { error in
            "\(error)".contains(words)
        }
    }
}
