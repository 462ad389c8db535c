import MessageText
import Testing

@Suite struct JSONTokenizerTests {
    private static func tokens(_ text: String, isPattern: Bool = false) throws -> [(JSONTokenizer.Kind, String)] {
        try Array(text.utf8).withUnsafeBytes { bytes in
            var tokenizer = JSONTokenizer(bytes, isPattern: isPattern)
            var tokens: [(JSONTokenizer.Kind, String)] = []
            while let token = try tokenizer.next() {
                tokens.append((token.kind, String(decoding: bytes[token.range], as: UTF8.self)))
            }
            return tokens
        }
    }

    @Test("A text is split into tokens")
    func split() throws {
        let tokens = try Self.tokens(#" {"a" : [1e5, "\u00e4", true], "b":{} ,"c":null, "d":false}"#)
        #expect(
            tokens.map(\.0) == [
                .beginObject, .name, .colon, .beginArray, .number, .comma, .string, .comma, .true, .endArray, .comma,
                .name, .colon, .beginObject, .endObject, .comma, .name, .colon, .null, .comma, .name, .colon, .false,
                .endObject,
            ]
        )
        #expect(tokens[1].1 == #""a""#)
        #expect(tokens[4].1 == "1e5")
        #expect(tokens[6].1 == #""\u00e4""#)
    }

    @Test(
        "An error has the byte at fault and the token that would be correct",
        arguments: [
            ("", 0, "a value"), ("{", 1, "a name in quotes"), ("[1", 2, "a comma or ]"), (#"{"a""#, 4, "a colon"),
            (#"{"a":}"#, 5, "a value"), (#"{"a":1]"#, 6, "a comma or }"), ("1 2", 2, "nothing after the value"),
            ("-", 1, "a digit"), ("\"a", 2, "a closing quote"),
            (#""\x""#, 2, "a valid JSON escape"),
            (#""\u+123""#, 3, "four hexadecimal digits"), ("\"\u{1}\"", 1, "a string without control characters"),
            ("[1,]", 3, "a value"), (#"{"a":1,}"#, 7, "a name in quotes"), ("nul", 0, "a value"), ("*", 0, "a value"),
        ]
    )
    func errors(text: String, offset: Int, expected: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try Self.tokens(text) }
        #expect(error?.offset == offset)
        #expect(error?.expected == expected)
    }

    @Test("Strings must be valid UTF-8", arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0xAF]] as [[UInt8]])
    func encoding(bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22] + bytes + [0x22]) }
    }

    @Test("An asterisk is a value in patterns only")
    func wildcard() throws {
        #expect(try Self.tokens("[*]", isPattern: true).map(\.0) == [.beginArray, .wildcard, .endArray])
        #expect(throws: JSONSyntaxError.self) { try Self.tokens("[*]") }
    }

    @Test("Nesting is bounded", arguments: [("[", "]"), (#"{"a":"#, "}")])
    func depth(begin: String, end: String) throws {
        func text(_ depth: Int) -> String {
            String(repeating: begin, count: depth) + "1" + String(repeating: end, count: depth)
        }
        #expect(try Self.tokens(text(JSONTokenizer.depthLimit)).count > JSONTokenizer.depthLimit)
        let error = #expect(throws: JSONSyntaxError.self) { try Self.tokens(text(JSONTokenizer.depthLimit + 1)) }
        #expect(error?.expected == "at most 512 levels of nesting")
        #expect(throws: JSONSyntaxError.self) { try Self.tokens(String(repeating: begin, count: 1_000_000)) }
    }
}
