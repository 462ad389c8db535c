/// A regular expression whose matching time is proportional to the length of the text.
///
/// It runs all alternatives side by side, in order of priority, and so finds the match that backtracking would find (Pike's
/// algorithm, as in RE2). Text is matched by `Character`, as Swift's `Regex` does, or by Unicode scalar.
struct LinearRegex: Sendable {
    let program: RegexProgram
    let classes: [CharacterClass]
    let groupNames: [String]
    /// The sets of word characters and newlines among `classes`.
    let wordClass: Int
    let newlineClass: Int
    /// Whether each Unicode scalar is a character.
    let matchesScalars: Bool

    /// Compiles an expression; returns nil if it uses syntax beyond the subset of `RegexParser`.
    ///
    /// - Parameter source: an expression that `Regex` accepts.
    /// - Throws: `RegexProgram.TooLarge`.
    init?(_ source: String) throws(RegexProgram.TooLarge) {
        var parser = RegexParser(source)
        guard let syntax = try? parser.parse(), let word = try? parser.set("\\w"), let newline = try? parser.set("\\v")
        else { return nil }
        program = try RegexProgram(syntax)
        classes = parser.classes
        groupNames = parser.groupNames
        (wordClass, newlineClass) = (word, newline)
        matchesScalars = false
    }

    /// Compiles a tree without groups, lines and word boundaries, to be matched by Unicode scalar.
    ///
    /// - Throws: `RegexProgram.TooLarge`.
    init(_ syntax: RegexSyntax, scalars classes: [CharacterClass]) throws(RegexProgram.TooLarge) {
        program = try RegexProgram(syntax)
        self.classes = classes
        groupNames = []
        (wordClass, newlineClass) = (0, 0)
        matchesScalars = true
    }

    /// Returns the byte offsets of the first match: start and end of the match and of each group, -1 for groups that took
    /// no part in it; nil if there is no match.
    func firstMatch(in text: String) -> [Int]? {
        var run = RegexRun(self, slotCount: 2 + 2 * groupNames.count)
        return run.match(text)
    }

    /// Whether there is a match.
    func matches(_ text: String) -> Bool {
        var run = RegexRun(self, slotCount: 0)
        return run.match(text) != nil
    }
}
