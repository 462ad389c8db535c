import MessageText
import Testing

@Suite struct JSONFormatterTests {
    private static func format(_ text: String) -> String? {
        var output: [UInt8] = []
        let isJSON = Array(text.utf8).withUnsafeBytes { bytes in
            JSONFormatter.format(bytes) { indent in
                output.append(UInt8(ascii: "\n"))
                output += repeatElement(UInt8(ascii: " "), count: 2 * indent)
            } emit: {
                output += $1
            }
        }
        return isJSON ? String(decoding: output, as: UTF8.self) : nil
    }

    @Test(
        "Objects and arrays are indented without changing their tokens",
        arguments: [
            ("{}", "{}"), ("[ ]", "[]"), ("[1]", "[\n  1\n]"),
            (#"{"b":1.0,"a":"\u00e4"}"#, "{\n  \"b\": 1.0,\n  \"a\": \"\\u00e4\"\n}"),
            (#"[[],{"a":[true,null]}]"#, "[\n  [],\n  {\n    \"a\": [\n      true,\n      null\n    ]\n  }\n]"),
        ]
    )
    func indented(text: String, formatted: String) {
        #expect(Self.format(text) == formatted)
    }

    @Test(
        "Other text is not formatted",
        arguments: ["", "1", "\"a\"", "[1,]", "[1] 2", "{\"a\":\"\\u00g0\"}", "[\"\\ud8\"]", "]"]
    )
    func others(text: String) {
        #expect(Self.format(text) == nil)
    }

    @Test("Indentation is limited")
    func bounded() throws {
        let depth = JSONTokenizer.depthLimit
        let text =
            String(repeating: "[", count: depth) + String(repeating: "1,", count: 10_000) + "1"
            + String(repeating: "]", count: depth)
        let formatted = try #require(Self.format(text))
        let lines = formatted.utf8.split(separator: UInt8(ascii: "\n"))
        let widest = lines.map { line in line.firstIndex { $0 != 0x20 }.map { line[..<$0].count } ?? line.count }.max()
        #expect(widest == 2 * JSONFormatter.indentLimit)
        #expect(formatted.utf8.count < (2 * JSONFormatter.indentLimit + 3) * text.utf8.count)
    }

    @Test("Values nested deeper than the parser allows are not formatted")
    func tooDeep() {
        let depth = 40_000
        #expect(Self.format(String(repeating: "[", count: depth)) == nil)
        #expect(Self.format(String(repeating: "[", count: depth) + String(repeating: "]", count: depth)) == nil)
    }
}
