/// Splits a JSON text (RFC 8259) into tokens and checks its grammar.
///
/// The parser and the formatter read the same tokens, so they accept the same texts. Nesting costs one Boolean a level
/// and no recursion.
package struct JSONTokenizer {
    /// The kind of a token.
    package enum Kind: Sendable {
        case beginObject, endObject, beginArray, endArray, comma, colon
        /// The name of a member, in quotes.
        case name
        case string, number, `true`, `false`, null
        /// `*`, `*NAME`, `*:TYPE` or `*NAME:TYPE` in a pattern: any value.
        case wildcard
        /// `...` at the end of an array in a pattern: more elements.
        case more
    }

    /// A token and its position.
    package struct Token: Equatable, Sendable {
        package let kind: Kind
        package let range: Range<Int>
    }

    /// The deepest nesting of objects and arrays.
    package static let depthLimit = 512

    /// The tokens that the grammar allows at this point.
    private enum State {
        case value, valueOrEnd, name, nameOrEnd, colon, commaOrEnd, endOfArray, endOfText
    }

    private let bytes: UnsafeRawBufferPointer
    private let isPattern: Bool
    private var index = 0
    private var state = State.value
    /// Whether each open value is an object; the innermost is last.
    private var open: [Bool] = []

    /// Creates a tokenizer.
    ///
    /// - Parameters:
    ///   - bytes: the text, in UTF-8; must outlive the tokenizer.
    ///   - isPattern: whether placeholders and `...` are allowed, as in `JSONPattern`.
    package init(_ bytes: UnsafeRawBufferPointer, isPattern: Bool = false) {
        self.bytes = bytes
        self.isPattern = isPattern
    }

    /// Returns the next token, or nil at the end of a complete text.
    ///
    /// - Throws: `JSONSyntaxError`; after that the tokenizer must not be used any more.
    package mutating func next() throws(JSONSyntaxError) -> Token? {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
        guard peek != nil || state != .endOfText else { return nil }
        let start = index
        let kind = try scan()
        return Token(kind: kind, range: start..<index)
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func failure(_ expected: String) -> JSONSyntaxError { JSONSyntaxError(offset: index, expected: expected) }

    private mutating func scan() throws(JSONSyntaxError) -> Kind {
        switch (state, peek) {
        case (.nameOrEnd, UInt8(ascii: "}")): return close(.endObject)
        case (.valueOrEnd, UInt8(ascii: "]")): return close(.endArray)
        case (.commaOrEnd, UInt8(ascii: "}")) where open.last == true: return close(.endObject)
        case (.commaOrEnd, UInt8(ascii: "]")) where open.last == false: return close(.endArray)
        case (.name, UInt8(ascii: "\"")), (.nameOrEnd, UInt8(ascii: "\"")):
            try string()
            state = .colon
            return .name
        case (.colon, UInt8(ascii: ":")):
            index += 1
            state = .value
            return .colon
        case (.commaOrEnd, UInt8(ascii: ",")):
            index += 1
            state = open.last == true ? .name : .value
            return .comma
        case (.value, UInt8(ascii: ".")) where isPattern && open.last == false,
            (.valueOrEnd, UInt8(ascii: ".")) where isPattern:
            guard bytes[index...].starts(with: "...".utf8) else { throw failure("...") }
            index += 3
            state = .endOfArray
            return .more
        case (.endOfArray, UInt8(ascii: "]")): return close(.endArray)
        case (.endOfArray, _): throw failure("] after ...")
        case (.value, _), (.valueOrEnd, _): return try value()
        case (.name, _), (.nameOrEnd, _): throw failure("a name in quotes")
        case (.colon, _): throw failure("a colon")
        case (.commaOrEnd, _): throw failure(open.last == true ? "a comma or }" : "a comma or ]")
        case (.endOfText, _): throw failure("nothing after the value")
        }
    }

    private mutating func value() throws(JSONSyntaxError) -> Kind {
        switch peek {
        case UInt8(ascii: "{"):
            try push(isObject: true)
            return .beginObject
        case UInt8(ascii: "["):
            try push(isObject: false)
            return .beginArray
        default:
            let kind = try scalar()
            endValue()
            return kind
        }
    }

    private mutating func push(isObject: Bool) throws(JSONSyntaxError) {
        guard open.count < Self.depthLimit else { throw failure("at most \(Self.depthLimit) levels of nesting") }
        index += 1
        open.append(isObject)
        state = isObject ? .nameOrEnd : .valueOrEnd
    }

    private mutating func close(_ kind: Kind) -> Kind {
        index += 1
        open.removeLast()
        endValue()
        return kind
    }

    private mutating func endValue() { state = open.isEmpty ? .endOfText : .commaOrEnd }

    private mutating func scalar() throws(JSONSyntaxError) -> Kind {
        guard let first = peek else { throw failure("a value") }
        switch first {
        case UInt8(ascii: "\""):
            try string()
            return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number()
            return .number
        case UInt8(ascii: "t"): return try word("true", .true)
        case UInt8(ascii: "f"): return try word("false", .false)
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "*") where isPattern:
            try placeholder()
            return .wildcard
        default: throw failure("a value")
        }
    }

    /// Reads `*NAME:TYPE`, where both may be missing.
    private mutating func placeholder() throws(JSONSyntaxError) {
        index += 1
        if let byte = peek, UInt8(ascii: "0") <= byte, byte <= UInt8(ascii: "9") {
            throw failure("a name that begins with a letter or _")
        }
        _ = nameBytes()
        guard take(":") else { return }
        let start = index
        guard JSONType(rawValue: String(decoding: nameBytes(), as: UTF8.self)) != nil else {
            index = start
            throw failure("one of \(JSONType.names)")
        }
    }

    /// Reads the letters, digits and `_` of a name or type.
    private mutating func nameBytes() -> Slice<UnsafeRawBufferPointer> {
        let name = bytes[index...].prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        index += name.count
        return name
    }

    private mutating func word(_ word: StaticString, _ kind: Kind) throws(JSONSyntaxError) -> Kind {
        let expected = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[index...].starts(with: expected) else { throw failure("a value") }
        index += expected.count
        return kind
    }

    private mutating func take(_ first: Unicode.Scalar, or second: Unicode.Scalar? = nil) -> Bool {
        guard let byte = peek, byte == UInt8(ascii: first) || second.map({ byte == UInt8(ascii: $0) }) == true
        else { return false }
        index += 1
        return true
    }

    private mutating func number() throws(JSONSyntaxError) {
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e", or: "E") {
            _ = take("-", or: "+")
            try digits()
        }
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = index
        while let byte = peek, UInt8(ascii: "0") <= byte, byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw failure("a digit") }
    }

    private mutating func string() throws(JSONSyntaxError) {
        let start = index
        var isASCII = true
        index += 1
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                guard isASCII || String(validating: bytes[start..<index], as: UTF8.self) != nil else {
                    index = start
                    throw failure("a string of valid UTF-8")
                }
                return
            case UInt8(ascii: "\\"):
                index += 1
                try escape()
            case ..<0x20: throw failure("a string without control characters")
            default:
                if byte >= 0x80 { isASCII = false }
                index += 1
            }
        }
        throw failure("a quote at the end of the string")
    }

    /// Checks an escape after its backslash. A `\u` escape may be half a surrogate pair: RFC 8259 allows that.
    private mutating func escape() throws(JSONSyntaxError) {
        guard let byte = peek, "\"\\/bfnrtu".utf8.contains(byte) else { throw failure("an escape that JSON has") }
        index += 1
        guard byte == UInt8(ascii: "u") else { return }
        guard bytes[index...].prefix(4).filter(Self.isHexDigit).count == 4 else {
            throw failure("four hexadecimal digits")
        }
        index += 4
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }
}
