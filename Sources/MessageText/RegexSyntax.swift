/// The syntax tree of a regular expression that `LinearRegex` supports.
indirect enum RegexSyntax {
    case empty
    /// An ASCII character.
    case byte(UInt8)
    /// A character of the set with this index in `RegexParser.classes`.
    case set(Int)
    case assertion(Assertion)
    case sequence([RegexSyntax])
    case alternatives([RegexSyntax])
    /// A named group with its number, starting with 0.
    case capture(Int, RegexSyntax)
    case repeated(RegexSyntax, Repetition)

    /// A condition on a position.
    enum Assertion: Sendable {
        case startOfText, endOfText, startOfLine, endOfLine, wordBoundary, noWordBoundary
    }

    /// A quantifier.
    struct Repetition {
        var least: Int
        /// The maximum number of repetitions; nil for no limit.
        var most: Int?
        var isLazy = false
    }

    /// Whether the expression can match an empty text.
    var canBeEmpty: Bool {
        switch self {
        case .empty, .assertion: true
        case .byte, .set: false
        case .sequence(let parts): parts.allSatisfy(\.canBeEmpty)
        case .alternatives(let parts): parts.contains(where: \.canBeEmpty)
        case .capture(_, let body): body.canBeEmpty
        case .repeated(let body, let repetition): repetition.least == 0 || body.canBeEmpty
        }
    }
}
