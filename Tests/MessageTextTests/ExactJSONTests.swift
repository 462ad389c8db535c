import MessageText
import Testing

@Suite struct ExactJSONTests {
    private static func value(_ text: String) throws -> JSONValue { try JSONParser.parse(text.utf8) }

    private static func match(_ expected: String, _ text: String) throws -> JSONPattern.Match {
        try JSONPattern(exactly: value(expected)).match(value(text))
    }

    @Test(
        "Equal values match",
        arguments: [("{}", "{ }"), (#"{"a":1,"b":[]}"#, #"{"b":[],"a":1.0}"#), ("null", "null"), ("[[{}]]", "[[{}]]")]
    )
    func equal(expected: String, text: String) throws {
        #expect(try Self.match(expected, text) == .matched([:]))
    }

    @Test(
        "Each difference is reported with its path",
        arguments: [
            (#"{"a":1}"#, #"{"a":2}"#, ["$.a: expected 1, got 2"]),
            (#"{"a":1}"#, "{}", ["$.a: expected 1, got nothing"]),
            ("[1]", "[1,2]", ["$: expected 1 element, got [1,2]"]),
            (
                #"{"a b":[1,{"c":2}],"d":3}"#, #"{"a b":[0,{"c":0}]}"#,
                [
                    #"$["a b"][0]: expected 1, got 0"#, #"$["a b"][1].c: expected 2, got 0"#,
                    "$.d: expected 3, got nothing",
                ]
            ),
            (#"{"a":null}"#, "[]", ["$: expected an object, got []"]),
            (
                #"{"a":[{"b":1}]}"#, #"{"a":[{"b":1,"c":2}],"d":3}"#,
                ["$.a[0].c: expected nothing, got 2", "$.d: expected nothing, got 3"]
            ), ("{\"caf\u{e9}\":1}", "{\"cafe\u{301}\":1}", nil),
        ] as [(String, String, [String]?)]
    )
    func different(expected: String, text: String, lines: [String]?) throws {
        guard case .differs(let differences) = try Self.match(expected, text) else {
            Issue.record("\(text) matches")
            return
        }
        // Names that only look the same are two differences.
        guard let lines else { return #expect(differences.count == 2) }
        #expect(differences.map(\.description) == lines)
    }
}
