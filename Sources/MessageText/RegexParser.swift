/// A parser for the regular expressions that `LinearRegex` supports: literals, sets, anchors, word boundaries, groups,
/// alternation, greedy and lazy quantifiers, and the flags `i`, `m` and `s` at the start.
///
/// Swift's `Regex` has already accepted the expression, so the parser need not explain syntax errors.
struct RegexParser {
    /// An error for syntax that is not supported.
    struct Unsupported: Error {}

    /// The maximum number of named groups, because each state of a match stores their positions.
    private static let groupLimit = 100

    private let characters: [Character]
    private var index = 0
    /// The flags at the start, used as a prefix of the expressions for sets.
    private var flags = ""
    private var setIndexes: [String: Int] = [:]
    private(set) var classes: [CharacterClass] = []
    private(set) var groupNames: [String] = []

    /// Creates a parser.
    ///
    /// - Parameter source: an expression that `Regex` accepts, which also limits its nesting.
    init(_ source: String) { characters = Array(source) }

    /// Parses the complete expression.
    ///
    /// - Throws: `Unsupported`.
    mutating func parse() throws(Unsupported) -> RegexSyntax {
        // A combining mark would attach to the metacharacter before it.
        guard !characters.contains(where: { $0.unicodeScalars.count > 1 && $0.unicodeScalars.first?.isASCII == true })
        else { throw Unsupported() }
        try parseFlags()
        let syntax = try alternatives()
        guard index == characters.count else { throw Unsupported() }
        return syntax
    }

    /// Returns the index of a set, adding it to `classes` if it is new.
    mutating func set(_ source: String) throws(Unsupported) -> Int {
        let source = flags + source
        if let index = setIndexes[source] { return index }
        guard let set = try? CharacterClass(source) else { throw Unsupported() }
        classes.append(set)
        setIndexes[source] = classes.count - 1
        return classes.count - 1
    }

    private var peek: Character? { index < characters.count ? characters[index] : nil }

    private mutating func take(_ text: String) -> Bool {
        guard characters[index...].starts(with: text) else { return false }
        index += text.count
        return true
    }

    /// Consumes the characters before a terminator and the terminator itself, and returns the characters.
    private mutating func take(until terminator: Character) throws(Unsupported) -> String {
        guard let end = characters[index...].firstIndex(of: terminator) else { throw Unsupported() }
        defer { index = end + 1 }
        return String(characters[index..<end])
    }

    private mutating func parseFlags() throws(Unsupported) {
        guard let end = characters.firstIndex(of: ")"), end > 2, characters.starts(with: "(?"),
            characters[2..<end].allSatisfy("ims".contains)
        else { return }
        flags = String(characters[...end])
        index = end + 1
    }

    private func hasFlag(_ flag: Character) -> Bool { flags.contains(flag) }

    private mutating func alternatives() throws(Unsupported) -> RegexSyntax {
        var parts = [try sequence()]
        while take("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .alternatives(parts)
    }

    private mutating func sequence() throws(Unsupported) -> RegexSyntax {
        var parts: [RegexSyntax] = []
        while let next = peek, next != "|", next != ")" {
            let atom = try atom()
            guard let repetition = try quantifier() else {
                parts.append(atom)
                continue
            }
            parts.append(.repeated(atom, repetition))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom() throws(Unsupported) -> RegexSyntax {
        guard let next = peek else { throw Unsupported() }
        switch next {
        case "(": return try group()
        case "[": return .set(try set(bracket()))
        case "\\": return try escape()
        case "*", "+", "?": throw Unsupported()
        case ".":
            index += 1
            return .set(try set("."))
        case "^":
            index += 1
            return .assertion(hasFlag("m") ? .startOfLine : .startOfText)
        case "$":
            index += 1
            return .assertion(hasFlag("m") ? .endOfLine : .endOfText)
        default:
            index += 1
            return try literal(next)
        }
    }

    private mutating func literal(_ character: Character) throws(Unsupported) -> RegexSyntax {
        if let byte = character.asciiValue, !(hasFlag("i") && character.isLetter) { return .byte(byte) }
        return .set(try set(RegularExpression.literal(String(character))))
    }

    private mutating func group() throws(Unsupported) -> RegexSyntax {
        var number: Int?
        if take("(?<=") || take("(?<!") { throw Unsupported() }
        if take("(?P<") || take("(?<") {
            groupNames.append(try take(until: ">"))
            number = groupNames.count - 1
            guard groupNames.count <= Self.groupLimit else { throw Unsupported() }
        } else if !take("(?:") {
            if take("(?") || take("(*") { throw Unsupported() }
            index += 1
        }
        let body = try alternatives()
        guard take(")") else { throw Unsupported() }
        return number.map { .capture($0, body) } ?? body
    }

    /// Consumes a set in brackets, which may contain other sets.
    private mutating func bracket() throws(Unsupported) -> String {
        let start = index
        var depth = 0
        while let next = peek {
            index += 1
            switch next {
            case "\\": index += 1
            case "[": depth += 1
            case "]": depth -= 1
            default: break
            }
            if depth == 0 { return String(characters[start..<min(index, characters.count)]) }
        }
        throw Unsupported()
    }

    private mutating func escape() throws(Unsupported) -> RegexSyntax {
        guard index + 1 < characters.count else { throw Unsupported() }
        let escaped = characters[index + 1]
        index += 2
        switch escaped {
        case "d", "D", "w", "W", "s", "S", "h", "H", "v", "V": return .set(try set("\\\(escaped)"))
        case "p", "P":
            guard take("{") else { throw Unsupported() }
            return .set(try set("\\\(escaped){\(try take(until: "}"))}"))
        case "b": return .assertion(.wordBoundary)
        case "B": return .assertion(.noWordBoundary)
        case "A": return .assertion(.startOfText)
        case "z": return .assertion(.endOfText)
        case "t": return .byte(0x09)
        case "n": return .byte(0x0A)
        case "f": return .byte(0x0C)
        case "e": return .byte(0x1B)
        case "r":
            // Swift treats these two escapes as the single character CR LF.
            if take("\\n") { return .set(try set("\\r\\n")) }
            return .byte(0x0D)
        case "x": return try scalar(2)
        case "u": return try scalar(4)
        default:
            guard escaped.isASCII, !escaped.isLetter, !escaped.isNumber, escaped != "\r\n" else { throw Unsupported() }
            return try literal(escaped)
        }
    }

    /// Parses the digits of a scalar that cannot combine with its neighbors.
    private mutating func scalar(_ count: Int) throws(Unsupported) -> RegexSyntax {
        let digits = characters[index...].prefix(count)
        guard digits.count == count, let value = UInt8(String(digits), radix: 16), value != 0x0A, value != 0x0D,
            value < 0x80
        else { throw Unsupported() }
        index += count
        return try literal(Character(Unicode.Scalar(value)))
    }

    private mutating func quantifier() throws(Unsupported) -> RegexSyntax.Repetition? {
        var repetition: RegexSyntax.Repetition
        switch peek {
        case "*": repetition = RegexSyntax.Repetition(least: 0, most: nil)
        case "+": repetition = RegexSyntax.Repetition(least: 1, most: nil)
        case "?": repetition = RegexSyntax.Repetition(least: 0, most: 1)
        case "{":
            guard let range = try range() else { return nil }
            repetition = range
        default: return nil
        }
        index += 1
        if take("+") { throw Unsupported() }
        repetition.isLazy = take("?")
        return repetition
    }

    /// Parses `{2}`, `{2,}`, `{,3}` or `{2,3}` up to the closing brace; returns nil when the brace is a literal.
    private mutating func range() throws(Unsupported) -> RegexSyntax.Repetition? {
        guard let end = characters[index...].firstIndex(of: "}") else { return nil }
        let content = String(characters[index + 1..<end])
        guard content.allSatisfy({ $0.isNumber || $0.isWhitespace || $0 == "," }) else { return nil }
        let parts = content.split(separator: ",", omittingEmptySubsequences: false)
        let bounds = parts.map { Int($0) }
        guard parts.count <= 2, content != ",", zip(parts, bounds).allSatisfy({ $0.isEmpty || $1 != nil }) else {
            throw Unsupported()
        }
        index = end
        return RegexSyntax.Repetition(least: bounds[0] ?? 0, most: parts.count == 1 ? bounds[0] : bounds[1])
    }
}
