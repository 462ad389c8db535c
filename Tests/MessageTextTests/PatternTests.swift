import MessageText
import Testing

@Suite struct PatternTests {
    @Test(
        "A pattern is met by the text itself, by a regular expression, or by JSON that contains it",
        arguments: [
            ("pong", "pong", true), ("pong", "Pong", false), ("pong", "pong ", false), ("", "", true),
            ("é", "e\u{301}", false),
            ("~^p.ng$", "pong", true), ("~\\d{3}", "in 1234 out", true), ("~", "anything", true),
            ("~^\\d+$", "12a", false),
            (#"{"a":1}"#, #"{"b":[],"a":1.0}"#, true), (#"{"a":*}"#, #"{"a":null}"#, true),
            (#"{"a":[*:integer, ...]}"#, #"{"a":[1,"x"]}"#, true), (#"{"a":*:string}"#, #"{"a":1}"#, false),
            (#"{"a":1}"#, #"{"a":"1"}"#, false),
            (#"{"a":1}"#, #"{"a":1,}"#, false), ("{}", "text", false), ("[", "[", true),
        ]
    )
    func matches(pattern: String, message: String, isMet: Bool) throws {
        #expect(try Pattern(pattern).matches(message) == isMet)
    }

    @Test(
        "An invalid pattern is reported with the reason",
        arguments: [
            ("~(", "invalid regular expression \"(\": expected ')'"),
            (#"{"a":}"#, "invalid JSON: not JSON at byte 6: expected a value"),
            ("~a{10001}", "invalid regular expression \"a{10001}\": its repetitions expand to more than 10000 steps"),
        ]
    )
    func invalid(pattern: String, description: String) {
        let error = #expect(throws: InvalidValue.self) { try Pattern(pattern) }
        #expect(error?.description == description)
    }

    @Test(
        "Only some regular expressions backtrack",
        arguments: [("a", true), ("{}", true), ("~(a+)+$", true), (#"~(.)\1"#, false)]
    )
    func linear(pattern: String, isLinear: Bool) throws {
        #expect(try Pattern(pattern).isLinear == isLinear)
    }
}
