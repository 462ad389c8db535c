import MessageText
import Testing

@Suite struct JSONParserTests {
    @Test(
        "A text is parsed into a value",
        arguments: [
            ("null", .null), (" true\n", .bool(true)), ("[]", .array([])), ("{}", .object([:])),
            ("-1.50e2", .number(JSONNumber("-150"))), (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
            (#"{"a":[1,{"b":null}],"a":2,"c":"d"}"#, .object(["a": .number(JSONNumber("2")), "c": .string("d")])),
            (
                "[[1],[],[2,3]]",
                .array([
                    .array([.number(JSONNumber("1"))]), .array([]),
                    .array([.number(JSONNumber("2")), .number(JSONNumber("3"))]),
                ])
            ),
        ] as [(String, JSONValue)]
    )
    func values(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(text.utf8) == value)
    }

    @Test(
        "Escapes of unpaired surrogates become U+FFFD",
        arguments: [
            (#""\u00e4\u0041""#, "äA"), (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"),
            (#""\ude00x""#, "\u{FFFD}x"),
            (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""\u0000""#, "\0"),
            (#""é\n""#, "é\n"),
        ]
    )
    func surrogates(text: String, string: String) throws {
        #expect(try JSONParser.parse(text.utf8) == .string(string))
    }

    @Test("The number of values is limited")
    func count() throws {
        func text(_ count: Int) -> [UInt8] { Array("[\(String(repeating: "1,", count: count - 2))1]".utf8) }
        #expect(try JSONParser.parse(text(JSONParser.valueLimit)).isStructured)
        let error = #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(text(JSONParser.valueLimit + 1)) }
        #expect(error?.expected == "at most 1000000 values")
    }
}
