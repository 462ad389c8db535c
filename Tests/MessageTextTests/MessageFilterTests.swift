import Testing

@testable import MessageText

@Suite struct MessageFilterTests {
    private static func accepts(_ conditions: [String], _ message: String) throws -> Bool {
        let filter = MessageFilter(try conditions.map { try MessageFilter.Condition(typed: $0) })
        return Array(message.utf8).withUnsafeBytes { filter.accepts($0) }
    }

    @Test(
        "A message is displayed if it meets all conditions",
        arguments: [
            ([], "anything", true),
            (["trade"], "a trade happened", true), (["trade"], "a trad", false), (["trade"], "tradtrade", true),
            (["é"], "café", true), (["é"], "cafe\u{301}", false), (["long text"], "", false),
            (["!trade"], "a trade happened", false), (["!trade"], "quote", true),
            (["~^BTC-\\d+$"], "BTC-42", true), (["~^BTC-\\d+$"], "ETH-42", false), (["!~B|E"], "x", true),
            ([#"{"type":"trade"}"#], #"{"p":1,"type":"trade"}"#, true),
            ([#"{"type":"trade"}"#], #"{"type":"quote"}"#, false), ([#"{"type":"trade"}"#], "trade", false),
            ([#"!{"type":"trade"}"#], "no JSON", true), ([#"!{"type":"trade"}"#], #"{"type":"trade"}"#, false),
            (["a", "b"], "ab", true), (["a", "b"], "a", false), (["a", "!b"], "ab", false),
        ]
    )
    func conditions(conditions: [String], message: String, isDisplayed: Bool) throws {
        #expect(try Self.accepts(conditions, message) == isDisplayed)
    }

    @Test(
        "An invalid condition is rejected with the reason",
        arguments: [
            ("", "the pattern is empty"), ("!", "the pattern is empty"),
            (#"{"a":}"#, "invalid JSON at byte 6: expected a value"),
            ("~(", #"invalid regular expression "(": expected ')'"#),
            (
                #"~(.)\1"#,
                #"the regular expression "(.)\1" can take too long; remove lookahead, backreferences and possessive "#
                    + "quantifiers"
            ),
        ]
    )
    func invalid(pattern: String, reason: String) {
        let error = #expect(throws: InvalidValue.self) { try MessageFilter.Condition(typed: pattern) }
        #expect(error?.description == reason)
    }

    @Test("The number of conditions is limited")
    func limit() throws {
        var filter = MessageFilter()
        for number in 0..<MessageFilter.limit { try filter.add(MessageFilter.Condition("\(number)")) }
        #expect(throws: InvalidValue.self) { try filter.add(MessageFilter.Condition("x")) }
    }

    @Test("A regular expression searches the first 256 KiB of a message")
    func longMessage() throws {
        let before = String(repeating: "a", count: (256 << 10) - 1)
        #expect(try Self.accepts(["~b"], before + "b"))
        #expect(try !Self.accepts(["~b"], before + "ab"))
        #expect(try Self.accepts(["b"], before + "ab"))
    }

    @Test(
        "JSON is compared as --expect compares it",
        arguments: [
            (#"{"a":1}"#, #"{"a":1.0}"#), (#"{"a":1}"#, #"{"a":10e-1,"b":{"a":2}}"#), (#"{"a":1}"#, #"{"b":{"a":1}}"#),
            (#"{"a":1}"#, #"{"a":1,"a":2}"#), (#"{"a":1}"#, #"{"a":2,"a":1}"#), (#"{"a":1}"#, #"{"a":1"#),
            (#"{"a":1}"#, #"{"a":1} "#), (#"{"a":1}"#, #"{"a":1}x"#), (#"{"a":1}"#, ""), (#"{"a":1}"#, #"[{"a":1}]"#),
            (#"{"é":"x"}"#, #"{"\u00e9":"x"}"#), (#"{"a":"é"}"#, #"{"a":"\u00e9"}"#),
            (#"{"a":"é"}"#, #"{"a":"e\u0301"}"#),
            (#"{"a":"x\ny"}"#, #"{"a":"x\u000ay"}"#), (#"{"a":"x"}"#, #"{"\u0061":"\u0078"}"#),
            (#"{"a\\b":1}"#, #"{"a\\b":1}"#), (#"{"a\\b":1}"#, #"{"a\u005cb":1}"#), (#"{"n":1}"#, #"{"\n":1}"#),
            (#"{"a":{"b":[1,{"c":null}]}}"#, #"{"a":{"b":[1,{"c":null,"d":2}],"x":true}}"#),
            (#"{"a":[1,2]}"#, #"{"a":[1,2,3]}"#), (#"{"a":[1,...]}"#, #"{"a":[1,2,3]}"#),
            (#"{"a":[1,...]}"#, #"{"a":[]}"#),
            (#"{"a":[]}"#, #"{"a":[]}"#), (#"{"a":{}}"#, #"{"a":{"b":[[],{}]}}"#), (#"{"a":{}}"#, #"{"a":[]}"#),
            (#"{"a":*}"#, #"{"a":[{}]}"#), (#"{"a":*:integer}"#, #"{"a":7.0}"#), (#"{"a":*:integer}"#, #"{"a":7.5}"#),
            (#"{"a":*:boolean}"#, #"{"a":false}"#), (#"{"a":*:string}"#, #"{"a":""}"#),
            (#"{"a":*:null}"#, #"{"a":null}"#),
            (#"{"a":*:object}"#, #"{"a":{}}"#), (#"{"a":*:array}"#, #"{"a":{}}"#), (#"{"a":true}"#, #"{"a":true}"#),
            (#"{"a":true}"#, #"{"a":"true"}"#), (#"{}"#, "{}"), (#"{}"#, "[]"),
        ]
    )
    func likeExpect(pattern: String, message: String) throws {
        #expect(try Self.accepts([pattern], message) == Pattern(pattern).matches(message))
    }
}
