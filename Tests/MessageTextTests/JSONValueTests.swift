import MessageText
import Testing

@Suite struct JSONValueTests {
    @Test(
        "Numbers are equal by value",
        arguments: [
            ("1", "1.0"), ("1", "10e-1"), ("0", "-0.0e9"), ("12345678901234567890.5", "1.23456789012345678905e19"),
        ]
    )
    func equal(left: String, right: String) {
        #expect(JSONNumber(left) == JSONNumber(right))
    }

    @Test(
        "No digit is rounded",
        arguments: [
            ("9007199254740993", "9007199254740992"), ("0.1", "0.10000000000000000001"), ("1e999", "1e1000"),
            ("1", "-1"),
        ]
    )
    func unequal(left: String, right: String) {
        #expect(JSONNumber(left) != JSONNumber(right))
    }

    @Test(
        "A value is written on one line",
        arguments: [
            (#"{ "b" : [1.50, {}], "a" : "\u0007\"" }"#, #"{"a":"\u0007\"","b":[1.5,{}]}"#), ("1e3", "1000"),
            ("1e99", "1e99"),
            ("12.5e-30", "125e-31"), ("-0.001", "-0.001"), ("1e99999999999999999999", "1e1099511627776"), ("[]", "[]"),
        ]
    )
    func description(text: String, line: String) throws {
        #expect(try JSONParser.parse(text.utf8).description == line)
    }

    @Test(
        "Numbers have an order",
        arguments: [
            ("-2", "-1"), ("-1", "0"), ("0", "0.001"), ("9", "10"), ("1.05", "1.1"), ("1", "1.01"), ("99", "1e2"),
            ("-1e3", "-999"), ("1e998", "1e999"),
        ]
    )
    func order(less: String, greater: String) {
        #expect(JSONNumber(less) < JSONNumber(greater))
        #expect(!(JSONNumber(greater) < JSONNumber(less)))
        #expect(!(JSONNumber(less) < JSONNumber(less)))
    }

    @Test("Strings are equal by code points")
    func codePoints() throws {
        #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
        #expect(JSONValue.object(["\u{e9}": .null]) != .object(["e\u{301}": .null]))
        #expect(JSONValue.object(["\u{e9}": .array([.null])]) == .object(["\u{e9}": .array([.null])]))
    }
}
