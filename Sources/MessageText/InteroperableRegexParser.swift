/// A parser for RFC 9485 regular expressions (I-Regexp).
struct InteroperableRegexParser {
    typealias Invalid = InteroperableRegex.Invalid

    /// The maximum nesting depth of groups.
    private static let depthLimit = 32

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    private(set) var classes: [CharacterClass] = []

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    /// Parses the whole expression.
    mutating func parse() throws(Invalid) -> RegexSyntax {
        let syntax = try alternatives()
        guard peek == nil else { throw invalid("the end; write \\) for a parenthesis") }
        return syntax
    }

    private var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private func invalid(_ expected: String) -> Invalid { Invalid(column: index + 1, expected: expected) }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        index += 1
        return true
    }

    private mutating func alternatives() throws(Invalid) -> RegexSyntax {
        var parts = [try sequence()]
        while take("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .alternatives(parts)
    }

    private mutating func sequence() throws(Invalid) -> RegexSyntax {
        var parts: [RegexSyntax] = []
        while let next = peek, next != "|", next != ")" {
            let atom = try atom(next)
            parts.append(try repetition().map { .repeated(atom, $0) } ?? atom)
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom(_ first: Unicode.Scalar) throws(Invalid) -> RegexSyntax {
        switch first {
        case "(":
            guard depth < Self.depthLimit else { throw invalid("at most \(Self.depthLimit) levels of groups") }
            depth += 1
            defer { depth -= 1 }
            index += 1
            let body = try alternatives()
            guard take(")") else { throw invalid(")") }
            return body
        case "[": return set(try bracket())
        case "\\":
            index += 1
            if let categories = try categories() { return set(ScalarSet(categories: categories)) }
            return literal(try escape())
        case "*", "+", "?", "{": throw invalid("an expression before the quantifier")
        case "]", "}": throw invalid("\\\(first), as a literal is written")
        case ".":
            index += 1
            return set(ScalarSet(ranges: ["\n"..."\n", "\r"..."\r"], isInverted: true))
        case "^":
            index += 1
            return .assertion(.startOfText)
        case "$":
            index += 1
            return .assertion(.endOfText)
        default:
            index += 1
            return literal(first)
        }
    }

    private mutating func literal(_ scalar: Unicode.Scalar) -> RegexSyntax {
        scalar.isASCII ? .byte(UInt8(scalar.value)) : set(ScalarSet(ranges: [scalar...scalar]))
    }

    private mutating func set(_ set: ScalarSet) -> RegexSyntax {
        classes.append(CharacterClass(set))
        return .set(classes.count - 1)
    }

    private mutating func repetition() throws(Invalid) -> RegexSyntax.Repetition? {
        if take("*") { return RegexSyntax.Repetition(least: 0, most: nil) }
        if take("+") { return RegexSyntax.Repetition(least: 1, most: nil) }
        if take("?") { return RegexSyntax.Repetition(least: 0, most: 1) }
        guard take("{") else { return nil }
        let least = try count()
        var most: Int? = least
        if take(",") { most = peek == "}" ? nil : try count() }
        guard most.map({ $0 >= least }) ?? true else { throw invalid("a range that ascends") }
        guard take("}") else { throw invalid("}") }
        return RegexSyntax.Repetition(least: least, most: most)
    }

    private mutating func count() throws(Invalid) -> Int {
        let digits = scalars[index...].prefix(while: JSONPathScanner.isDigit)
        guard let value = Int(String(String.UnicodeScalarView(digits))), value <= RegexProgram.sizeLimit else {
            throw invalid("a number up to \(RegexProgram.sizeLimit)")
        }
        index += digits.count
        return value
    }

    /// Parses an escape sequence after its backslash.
    private mutating func escape() throws(Invalid) -> Unicode.Scalar {
        guard let next = peek else { throw invalid("a character after a backslash") }
        switch next {
        case "n": index += 1; return "\n"
        case "r": index += 1; return "\r"
        case "t": index += 1; return "\t"
        case "("..."+", "-", ".", "?", "["..."^", "{"..."}":
            index += 1
            return next
        default: throw invalid("an escape of RFC 9485 such as \\n, \\. or \\p{L}; write [0-9] for \\d")
        }
    }

    /// Parses `p{Lu}` or `P{Lu}` after a backslash; returns nil for any other escape sequence.
    private mutating func categories() throws(Invalid) -> Set<Unicode.GeneralCategory>? {
        let isInverted = peek == "P"
        guard isInverted || peek == "p" else { return nil }
        index += 1
        guard take("{") else { throw invalid("{") }
        let name = String(String.UnicodeScalarView(scalars[index...].prefix { $0 != "}" }))
        guard let categories = ScalarSet.categories(name) else {
            throw invalid("the name of a general category such as L or Nd")
        }
        index += name.unicodeScalars.count
        guard take("}") else { throw invalid("}") }
        return isInverted ? ScalarSet.allCategories.subtracting(categories) : categories
    }

    /// Parses a bracketed character class.
    private mutating func bracket() throws(Invalid) -> ScalarSet {
        index += 1
        var set = ScalarSet(isInverted: take("^"))
        if take("-") { set.ranges.append("-"..."-") }
        while let next = peek, next != "]" {
            if next == "-" {
                index += 1
                guard peek == "]" else { throw invalid("]; write \\- for a hyphen") }
                set.ranges.append("-"..."-")
                continue
            }
            if next == "\\" {
                index += 1
                if let categories = try categories() {
                    set.categories.formUnion(categories)
                    continue
                }
                index -= 1
            }
            let first = try member()
            guard peek == "-", index + 1 < scalars.count, scalars[index + 1] != "]" else {
                set.ranges.append(first...first)
                continue
            }
            index += 1
            let last = try member()
            guard first <= last else { throw invalid("a range that ascends") }
            set.ranges.append(first...last)
        }
        guard peek != nil else { throw invalid("]") }
        guard !set.ranges.isEmpty || !set.categories.isEmpty else { throw invalid("a set that is not empty") }
        index += 1
        return set
    }

    private mutating func member() throws(Invalid) -> Unicode.Scalar {
        guard let next = peek, next != "[", next != "-" else { throw invalid("a member of a set; write \\[ or \\-") }
        index += 1
        return next == "\\" ? try escape() : next
    }
}
