@testable import MessageText
import Testing

@Suite struct RegularExpressionTests {
    /// Matches with Swift's `Regex`, and returns the byte offsets of the match and its named groups.
    private static func reference(_ pattern: String, _ text: String) throws -> String {
        let regex = try Regex(pattern).wordBoundaryKind(.simple)
        guard let match = try regex.firstMatch(in: text) else { return "no match" }
        let groups = match.output.filter { $0.name != nil }.map { "\($0.name ?? "")=\($0.substring ?? "")" }
        return describe(text, match.range, groups)
    }

    private static func linear(_ pattern: String, _ text: String) throws -> String {
        let expression = try RegularExpression(pattern)
        try #require(expression.isLinear, "\(pattern)")
        guard let match = try expression.firstMatch(in: text) else {
            #expect(try !expression.matches(text), "\(pattern) \(text)")
            return "no match"
        }
        #expect(try expression.matches(text), "\(pattern) \(text)")
        return describe(text, match.range, expression.groupNames.map { "\($0)=\(match.captures[$0] ?? "")" })
    }

    private static func describe(_ text: String, _ range: Range<String.Index>, _ groups: [String]) -> String {
        let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
        let end = text.utf8.distance(from: text.startIndex, to: range.upperBound)
        return "\(start)-\(end) \(groups)"
    }

    @Test(
        "Linear matching finds the same match as Swift's Regex",
        arguments: [
            "abc", "a.c", "^abc$", "(?<x>a+)(?<y>b*)", "(?P<x>a|ab)(?<y>c|bcd)(?<z>d*)", "a*?b", "(?<x>a*?)(?<y>a*)$",
            "(?<x>a*)*", "(?<x>a*)+", "(?<x>|a)*", "^(?<x>|a)+$", "(?<x>a|b*)*", "(?<x>a*)*?$", "(?<x>a|){2,3}",
            "(?<x>a*){2,}",
            "a{0}b", "a{2}", "a{2,}", "a{,2}", "a{1,2}?", "(?:ab){1,2}c", "x|y|", "|a", "()", "(?:)", "\\d+", "\\D+",
            "\\w+", "\\W+",
            "\\s", "\\S+", "\\h", "\\v", "\\bcan\\b", "\\Bt", "\\b", "\\B", "[a-c]+", "[^a-c]+", "[a\\]b]",
            "[\\d\\-x]+", "[[:alpha:]]+",
            "[a-z&&[^b]]+", "[\\w--\\d]+", "\\p{L}+", "\\P{L}+", "\\p{Greek}", "é", "[é]", "(?i)abc", "(?i)é", "(?i)k",
            "(?i)[a-c]",
            "(?i)ß", "(?s).+", "(?m)^b.*$", "(?im)^B", "(?s)a.b$", "a\\r\\nb", "\\r", "\\n", "\\x41\\u0062",
            "\\.\\*\\\\\\-\\ ", "\\Aa", "a\\z",
            "{\"a\":\\d}", "a{b", "a}", "a]", "\\e\\t\\f", "👍🏽+", "[👍🏽x]", "K", "aK", "\\\n", "(?<a1>.)(?<b_2>.)",
            "^(?:(?<n>a)|b)*$", "😀|é|.", "\\p{Lu}",
        ]
    )
    func table(pattern: String) throws {
        let texts = [
            "", "a", "aa", "abc", "aaab", "abcd", "ab\nba", "a\r\nb", "\n", "\r\n", "A1b2 ", "can't", "foo bar",
            "x]y-z", "ÄÖ ä", "e\u{301}é",
            "É", "\u{212A}k", "aK", "a\u{212A}", "αβγ", "٣4", "_", "a_1", "👍🏽👍", "🇩🇪🇫🇷", "{\"a\":1}", "a{b}]", ".*\\- ",
            "\u{1B}\t\u{C}", "ß SS ſ", "\u{85}\u{2028}b",
            "a\u{301}b", "ABCabc", "ba", "bab",
        ]
        for text in texts {
            #expect(
                try Self.linear(pattern, text) == Self.reference(pattern, text),
                "\(pattern.debugDescription) \(text.debugDescription)"
            )
        }
    }

    /// A random number generator that starts with the given state (SplitMix64).
    private struct Randomness: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private static let atoms = [
        "a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\d", "\\s", "^", "$", "\\b", "\\B", "é", "1", "-", "\\.",
        "[a-z0-9]", "\\n", "K",
    ]
    private static let pieces = [
        "a", "b", "c", "aa", "ab", "1", "é", " ", "\n", "\r\n", ".", "-", "K", "e\u{301}", "😀", "_",
    ]

    private static func pattern(_ depth: Int, _ groups: inout Int, _ random: inout Randomness) -> String {
        var result = ""
        for _ in 0..<Int.random(in: depth == 3 ? 1...3 : 0...3, using: &random) {
            var isAnchor = false
            if depth > 0, Int.random(in: 0..<3, using: &random) == 0 {
                let name = groups
                let isNamed = Bool.random(using: &random)
                if isNamed { groups += 1 }
                var body = pattern(depth - 1, &groups, &random)
                if Bool.random(using: &random) { body += "|" + pattern(depth - 1, &groups, &random) }
                result += isNamed ? "(?<g\(name)>\(body))" : Bool.random(using: &random) ? "(?:\(body))" : "(\(body))"
            } else {
                let atom = atoms.randomElement(using: &random) ?? ""
                isAnchor = ["^", "$", "\\b", "\\B"].contains(atom)
                result += atom
            }
            if !isAnchor, Bool.random(using: &random) {
                let quantifiers = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}?", "{2,}"]
                result += quantifiers.randomElement(using: &random) ?? ""
            }
        }
        return result
    }

    @Test("Linear matching agrees with Swift's Regex on random expressions", arguments: 0..<40 as Range<UInt64>)
    func random(seed: UInt64) throws {
        var random = Randomness(state: seed)
        for _ in 0..<50 {
            var groups = 0
            let prefix = ["", "", "(?i)", "(?s)", "(?m)"].randomElement(using: &random) ?? ""
            let pattern = prefix + Self.pattern(3, &groups, &random)
            for _ in 0..<10 {
                let count = Int.random(in: 0...5, using: &random)
                let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
                #expect(
                    try Self.linear(pattern, text) == Self.reference(pattern, text),
                    "\(pattern.debugDescription) \(text.debugDescription)"
                )
            }
        }
    }

    @Test(
        "Unsupported syntax is matched by backtracking",
        arguments: [
            ("a(?=b)", "ab", true), ("(?!a)b", "ab", true), ("(.)\\1", "aa", true), ("a*+a", "aaa", false),
            ("(?>a+)b", "aab", true),
            ("(?i:a)b", "Ab", true), ("a(?i)b", "aB", true), ("\\Qa.b\\E", "a.b", true), ("(?#c)a", "a", true),
            ("\\X", "e", true),
        ]
    )
    func fallback(pattern: String, text: String, isMatch: Bool) throws {
        let expression = try RegularExpression(pattern)
        #expect(!expression.isLinear)
        #expect(try expression.matches(text) == isMatch)
    }

    @Test("The length of text for backtracking is limited")
    func backtrackingLimit() throws {
        let expression = try RegularExpression("(?<x>a)(?=b)")
        #expect(try expression.firstMatch(in: "ab")?.captures == ["x": "a"])
        let text = String(repeating: " ", count: RegularExpression.backtrackingLimit - 1)
        #expect(try !expression.matches(text))
        #expect(throws: InvalidValue.self) { try expression.matches(text + "  ") }
    }

    /// Backtracking would take longer than the age of the universe.
    @Test(
        "Expressions that cause catastrophic backtracking elsewhere are matched in linear time",
        arguments: ["^(a+)+$", "^(a|a)*$", "(a*)*b", "^(a|aa)+$", "(?<x>a?){40}a{40}$", "(x+x+)+y", "^(?:.*,){20}z"]
    )
    func catastrophe(pattern: String) throws {
        let expression = try RegularExpression(pattern)
        #expect(expression.isLinear)
        #expect(try !expression.matches(String(repeating: "a", count: 20_000) + "!"))
        #expect(try !expression.matches(String(repeating: "x,", count: 5000) + "!"))
    }

    @Test(
        "The size of an expression is limited",
        arguments: ["a{10001}", "(a{100}){101}", "((a{0,100}){0,100}){0,100}", "(){60000}", "(((a*)*){50}){50}"]
    )
    func tooLarge(pattern: String) {
        let error = #expect(throws: InvalidValue.self) { try RegularExpression(pattern) }
        #expect(error?.description.hasPrefix("invalid regular expression \"\(pattern)\": its repetitions") == true)
    }

    @Test("The nesting and length of an expression are limited", arguments: ["(", "[", "(?:a", "(?=(?<!"])
    func nesting(begin: String) {
        for count in [100, 1000, 20_000] {
            #expect(throws: InvalidValue.self) { try RegularExpression(String(repeating: begin, count: count)) }
        }
    }

    @Test("A group that is not part of the match captures nothing")
    func captures() throws {
        let match = try RegularExpression("(?<n>a)|(?<m>b)").firstMatch(in: "éb")
        #expect(match?.captures == ["n": "", "m": "b"])
    }

    @Test("A literal matches itself", arguments: ["a.b", "(x) [y] {z} \\ ^$*+?|", "é😀", "\n\t", "#/-_"])
    func literal(text: String) throws {
        let expression = try RegularExpression("^\(RegularExpression.literal(text))$")
        #expect(try expression.matches(text))
        #expect(try !expression.matches(text + text))
    }

    @Test(
        "The longest beginning of an expression that matches one of several texts is found",
        arguments: [
            ("^abc\\d+x$", ["ab", "abc7", "abcd"], "^abc\\d+ 1"),
            ("(?<id>\\d+):(a|b)c", ["12:", "12:bd"], "(?<id>\\d+):(a|b) 1"),
            ("^three$", ["one", "two"], nil), ("abc", ["b", "ab"], "ab 1"), (".*", [""], nil),
            ("(?=a)b", ["ab"], nil), ("a{2,3}b", ["aa"], "a{2,3} 0"),
        ] as [(String, [String], String?)]
    )
    func longestBeginning(source: String, texts: [String], expected: String?) throws {
        let found = try RegularExpression(source).longestBeginning(matching: texts)
        #expect(found.map { "\($0.source) \($0.index)" } == expected)
    }
}
