/// A scanner for the characters, names, numbers and strings of a JSONPath.
struct JSONPathScanner {
    typealias Scalar = Unicode.Scalar

    private let source: String
    private let scalars: [Scalar]
    /// The number of Unicode scalars read.
    var index = 0

    /// Creates a scanner for a path.
    init(_ source: String) throws(JSONPathError) {
        self.source = source
        scalars = Array(source.unicodeScalars.prefix(JSONPath.lengthLimit + 1))
        guard scalars.count <= JSONPath.lengthLimit else {
            index = JSONPath.lengthLimit
            throw failure("a path of at most \(JSONPath.lengthLimit) characters")
        }
    }

    var peek: Scalar? { index < scalars.count ? scalars[index] : nil }

    /// Returns an error for the current or the given position.
    func failure(_ expected: String, at position: Int? = nil) -> JSONPathError {
        JSONPathError(source: source, column: (position ?? index) + 1, expected: expected)
    }

    mutating func skipSpace() {
        while let next = peek, next == " " || next == "\t" || next == "\n" || next == "\r" { index += 1 }
    }

    mutating func take(_ text: String) -> Bool {
        guard scalars[index...].starts(with: text.unicodeScalars) else { return false }
        index += text.unicodeScalars.count
        return true
    }

    private mutating func take(while isWanted: (Scalar) -> Bool) -> String {
        let start = index
        while let next = peek, isWanted(next) { index += 1 }
        return string(from: start)
    }

    private func string(from start: Int) -> String {
        String(String.UnicodeScalarView(scalars[start..<index]))
    }

    /// Reads the name of a member after a dot; returns nil if there is none.
    mutating func shorthand() -> String? {
        guard let next = peek, !Self.isDigit(next) else { return nil }
        let name = take { $0 == "_" || $0.value >= 0x80 || Self.isDigit($0) || $0.properties.isAlphabetic }
        return name.isEmpty ? nil : name
    }

    /// Reads the name of a function or a literal; returns nil if there is none.
    mutating func word() -> String? {
        guard let next = peek, "a" <= next, next <= "z" else { return nil }
        return take { "a" <= $0 && $0 <= "z" || $0 == "_" || Self.isDigit($0) }
    }

    /// Reads an index; returns nil if there is none.
    mutating func integer() throws(JSONPathError) -> Int? {
        let start = index
        let isNegative = take("-")
        let digits = take(while: Self.isDigit)
        guard isNegative || !digits.isEmpty else { return nil }
        guard !digits.isEmpty else { throw failure("a digit") }
        guard digits == "0" ? !isNegative : !digits.hasPrefix("0") else {
            throw failure("an integer without leading zeros", at: start)
        }
        let limit = 1 << 53 - 1
        guard let value = Int(digits), value <= limit else {
            throw failure("an integer between -\(limit) and \(limit)", at: start)
        }
        return isNegative ? -value : value
    }

    /// Reads a number literal; returns nil if there is none.
    mutating func number() throws(JSONPathError) -> JSONNumber? {
        let start = index
        guard take("-") || peek.map(Self.isDigit) == true else { return nil }
        if !take("0") { try digits() }
        guard peek.map(Self.isDigit) != true else { throw failure("a number without leading zeros", at: start) }
        if take(".") { try digits() }
        if take("e") || take("E") {
            _ = take("-") || take("+")
            try digits()
        }
        return JSONNumber(string(from: start))
    }

    private mutating func digits() throws(JSONPathError) {
        guard !take(while: Self.isDigit).isEmpty else { throw failure("a digit") }
    }

    /// Reads a string in single or double quotes; returns nil if there is none.
    mutating func string() throws(JSONPathError) -> String? {
        guard let quote = peek, quote == "'" || quote == "\"" else { return nil }
        index += 1
        var text = String.UnicodeScalarView()
        while let next = peek {
            switch next {
            case quote:
                index += 1
                return String(text)
            case "\\":
                index += 1
                text.append(try escape(in: quote))
            case ..<" ": throw failure("a string without control characters")
            default:
                index += 1
                text.append(next)
            }
        }
        throw failure("\(quote) at the end of the string")
    }

    private mutating func escape(in quote: Scalar) throws(JSONPathError) -> Scalar {
        defer { index += 1 }
        switch peek {
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "/", "\\": return peek ?? "/"
        case quote: return quote
        case "u": return try scalarOfDigits()
        default: throw failure("one of b f n r t / \\ \(quote) u after a backslash")
        }
    }

    /// Reads the four hexadecimal digits after `u`, or a surrogate pair, and stops at the last digit.
    private mutating func scalarOfDigits() throws(JSONPathError) -> Scalar {
        let start = index - 1
        let first = try unit()
        guard !UTF16.isTrailSurrogate(first) else { throw failure("a high surrogate before a low one", at: start) }
        guard UTF16.isLeadSurrogate(first) else { return Scalar(first) ?? "\u{FFFD}" }
        guard scalars[(index + 1)...].starts(with: "\\u".unicodeScalars) else {
            throw failure("a low surrogate after a high one", at: index + 1)
        }
        index += 2
        let second = try unit()
        guard UTF16.isTrailSurrogate(second) else { throw failure("a low surrogate", at: index - 5) }
        return Scalar(0x10000 + UInt32(first & 0x3FF) << 10 + UInt32(second & 0x3FF)) ?? "\u{FFFD}"
    }

    private mutating func unit() throws(JSONPathError) -> UInt16 {
        let digits = scalars[(index + 1)...].prefix(4)
        guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit),
            let value = UInt16(String(String.UnicodeScalarView(digits)), radix: 16)
        else { throw failure("four hexadecimal digits", at: index + 1) }
        index += 4
        return value
    }

    static func isDigit(_ scalar: Scalar) -> Bool { "0" <= scalar && scalar <= "9" }
}
