import Testing

@testable import MessageText

@Suite struct InteroperableRegexTests {
    @Test(
        "A whole text matches",
        arguments: [
            ("", "", true), ("", "a", false), ("a|bc", "bc", true), ("a|bc", "abc", false), ("(a|b)*c", "ababc", true),
            (".", "\n", false), (".", "\r", false), (".", "\u{2028}", true), (".", "𝄞", true), (".\n", "\r\n", false),
            ("..", "e\u{301}", true), (".", "e\u{301}", false), ("é", "e\u{301}", false), ("\u{212B}", "\u{C5}", false),
            ("[\u{C5}]\u{212B}", "\u{C5}\u{212B}", true), ("[\u{C5}]+", "\u{C5}\u{212B}", false),
            (#"\r\n"#, "\r\n", true), (#"\t\.\-\?\\"#, "\t.-?\\", true),
            (#"\p{Lu}\p{L}+"#, "Éa", true), (#"\p{Lu}"#, "é", false), (#"\P{Lu}"#, "é", true), (#"\P{L}"#, "é", false),
            (#"[\p{Nd}_-]+"#, "4_٤-", true), (#"[^\p{Nd}]"#, "٤", false), ("[-a-c]+", "a-cb", true),
            ("[^-]", "-", false),
            (#"[\]\[^]+"#, "[]^", true), ("[^^]", "^", false), ("[$.*+?(){}|]+", "$.*+?(){}|", true),
            ("a{2}", "aa", true), ("a{2}", "aaa", false), ("a{2,}", "aaaa", true), ("a{1,2}", "aaa", false),
            ("a{0}", "", true), ("^ab$", "ab", true), ("(a?){50}a{50}", String(repeating: "a", count: 50), true),
        ]
    )
    func whole(expression: String, text: String, isMatch: Bool) throws {
        #expect(try InteroperableRegex(expression, isWhole: true).matches(text) == isMatch)
    }

    @Test("A part of a text matches", arguments: [("b.?b", "abcbx", true), ("^b", "ab", false), ("a$", "ba", true)])
    func part(expression: String, text: String, isMatch: Bool) throws {
        #expect(try InteroperableRegex(expression, isWhole: false).matches(text) == isMatch)
    }

    @Test(
        "An invalid expression has the character and what is expected there",
        arguments: [
            ("(a", 3, ")"), ("a)", 2, #"the end; write \) for a parenthesis"#),
            ("*a", 1, "an expression before the quantifier"),
            ("a**", 3, "an expression before the quantifier"), ("a{,2}", 3, "a number up to 10000"),
            ("a{2,1}", 6, "a range that ascends"), ("a{20000}", 3, "a number up to 10000"),
            ("[b-a]", 5, "a range that ascends"),
            ("[]", 2, "a set that is not empty"), ("[a", 3, "]"), ("[a-b-c]", 6, #"]; write \- for a hyphen"#),
            (#"\d"#, 2, #"an escape of RFC 9485 such as \n, \. or \p{L}; write [0-9] for \d"#),
            (#"\p{Greek}"#, 4, "the name of a general category such as L or Nd"), (#"\p{L"#, 5, "}"),
            (#"\"#, 2, "a character after a backslash"), ("}", 1, #"\}, as a literal is written"#),
            ("(a{100}){100}{100}", 14, "an expression before the quantifier"),
            ("((a{100}){100}){100}", 1, "repetitions that expand to at most 10000 steps"),
            (String(repeating: "(", count: 33), 33, "at most 32 levels of groups"),
        ]
    )
    func invalid(expression: String, column: Int, expected: String) {
        let error = #expect(throws: InteroperableRegex.Invalid.self) {
            try InteroperableRegex(expression, isWhole: true)
        }
        #expect(error?.column == column)
        #expect(error?.expected == expected)
    }
}
