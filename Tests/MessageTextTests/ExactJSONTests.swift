import MessageText
import Testing

@Suite struct JSONMismatchTests {
    private static func value(_ text: String) throws -> JSONValue { try JSONParser.parse(text.utf8) }

    @Test(
        "A value contains a pattern",
        arguments: [
            ("{}", #"{"a":1}"#), (#"{"a":1}"#, #"{"b":[],"a":1.0}"#), (#"{"a":*}"#, #"{"a":null}"#), ("*", "1"),
            (#"{"a":{"b":[1,*,"x"]}}"#, #"{"a":{"c":2,"b":[1,{"any":"thing"},"x"]}}"#),
        ]
    )
    func contained(pattern: String, text: String) throws {
        #expect(try JSONPattern(pattern).match(Self.value(text)) == .matched([:]))
        // Without placeholders, a pattern is a value.
        guard let expected = try? Self.value(pattern) else { return #expect(pattern.contains("*")) }
        #expect(try Self.value(text).mismatches(with: expected) == [])
    }

    @Test(
        "Each difference is reported with its path",
        arguments: [
            (#"{"a":1}"#, #"{"a":2}"#, ["$.a"]), (#"{"a":1}"#, "{}", ["$.a"]), ("[1]", "[1,2]", ["$"]),
            (#"{"a b":[1,{"c":2}],"d":3}"#, #"{"a b":[0,{"c":0}]}"#, [#"$["a b"][0]"#, #"$["a b"][1].c"#, "$.d"]),
            (#"{"a":null}"#, "[]", ["$"]),
        ]
    )
    func different(pattern: String, text: String, paths: [String]) throws {
        #expect(try Self.value(text).mismatches(with: Self.value(pattern)).map(\.path) == paths)
    }

    @Test("Members that are missing from a pattern are found")
    func surplus() throws {
        let value = try Self.value(#"{"a":[{"b":1,"c":2}],"d":3}"#)
        #expect(try Self.value(#"{"a":[{"b":1}]}"#).surplus(in: value).map(\.path) == ["$.a[0].c", "$.d"])
    }
}
