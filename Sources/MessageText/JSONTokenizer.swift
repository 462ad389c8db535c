/// A tokenizer that splits a JSON text (RFC 8259) and checks its grammar.
///
/// The parser and the formatter use the same tokenizer, so they accept the same texts. A level of nesting takes one
/// Boolean and no recursion.
package struct JSONTokenizer {
    /// The kind of a token.
    package enum Kind: Sendable {
        case beginObject, endObject, beginArray, endArray, comma, colon
        /// The name of an object member, in quotes.
        case name
        case string, number, `true`, `false`, null
        /// `*` in a pattern, which matches any value.
        case wildcard
        /// `...` at the end of an array in a pattern: more elements.
        case more
    }

    /// A token with its position.
    package struct Token: Equatable, Sendable {
        package let kind: Kind
        package let range: Range<Int>
    }

    /// The maximum nesting depth of objects and arrays.
    package static let depthLimit = 512

    /// The tokens that are allowed next.
    private enum State {
        case value, valueOrEnd, name, nameOrEnd, colon, commaOrEnd, endOfArray, endOfText
    }

    private let bytes: UnsafeRawBufferPointer
    private let isPattern: Bool
    private var index = 0
    private var state = State.value
    /// For each open value, whether it is an object; the innermost is last.
    private var open: [Bool] = []
    /// Whether the innermost open value is an object.
    private var isInObject = false
    /// Whether the newest name or string contains a backslash.
    private(set) var hasEscapes = false

    /// Creates a tokenizer.
    ///
    /// - Parameters:
    ///   - bytes: the text in UTF-8, which must outlive the tokenizer.
    ///   - isPattern: whether `*` is allowed in place of a value.
    package init(_ bytes: UnsafeRawBufferPointer, isPattern: Bool = false) {
        self.bytes = bytes
        self.isPattern = isPattern
    }

    /// Returns the next token; nil at the end of a complete text.
    ///
    /// - Throws: `JSONSyntaxError`, after which the tokenizer must not be used again.
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
        // No token begins with a NUL, which therefore also stands for the end of the text.
        let byte = index < bytes.count ? bytes[index] : 0
        switch state {
        case .commaOrEnd:
            if byte == UInt8(ascii: ",") {
                index += 1
                state = isInObject ? .name : .value
                return .comma
            }
            guard byte == UInt8(ascii: isInObject ? "}" : "]") else {
                throw failure(isInObject ? "a comma or }" : "a comma or ]")
            }
            return close(isInObject ? .endObject : .endArray)
        case .colon:
            guard byte == UInt8(ascii: ":") else { throw failure("a colon") }
            index += 1
            state = .value
            return .colon
        case .name, .nameOrEnd:
            if byte == UInt8(ascii: "}"), state == .nameOrEnd { return close(.endObject) }
            guard byte == UInt8(ascii: "\"") else { throw failure("a name in quotes") }
            try string()
            state = .colon
            return .name
        case .value, .valueOrEnd:
            if byte == UInt8(ascii: "]"), state == .valueOrEnd { return close(.endArray) }
            if isPattern, byte == UInt8(ascii: "."), !open.isEmpty, !isInObject {
                guard bytes[index...].starts(with: "...".utf8) else { throw failure("...") }
                index += 3
                state = .endOfArray
                return .more
            }
            return try value()
        case .endOfArray:
            guard byte == UInt8(ascii: "]") else { throw failure("] after ...") }
            return close(.endArray)
        case .endOfText: throw failure("nothing after the value")
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
        isInObject = isObject
        state = isObject ? .nameOrEnd : .valueOrEnd
    }

    private mutating func close(_ kind: Kind) -> Kind {
        index += 1
        open.removeLast()
        isInObject = open.last ?? false
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
        var bits: UInt8 = 0
        hasEscapes = false
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                guard bits < 0x80 || String(validating: bytes[start..<index], as: UTF8.self) != nil else {
                    index = start
                    throw failure("a string of valid UTF-8")
                }
                return
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index += 1
                try escape()
                continue
            }
            guard byte >= 0x20 else { throw failure("a string without control characters") }
            bits |= byte
            index += 1
        }
        throw failure("a closing quote")
    }

    /// Checks an escape after its backslash. A `\u` escape may be an unpaired surrogate, as RFC 8259 allows.
    private mutating func escape() throws(JSONSyntaxError) {
        guard let byte = peek, "\"\\/bfnrtu".utf8.contains(byte) else { throw failure("a valid JSON escape") }
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
