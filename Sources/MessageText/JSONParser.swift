/// Reads JSON (RFC 8259) strictly, and says where a text is none.
package struct JSONParser {
    /// What is wrong, and at which byte of the text, from 0.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let offset: Int
        package let expected: String

        package var description: String { "not JSON at byte \(offset + 1): expected \(expected)" }
    }

    /// How deep values may stand in one another.
    private static let depthLimit = 512

    private let bytes: [UInt8]
    private let isPattern: Bool
    private var index = 0

    /// Reads a whole text.
    ///
    /// - Parameters:
    ///   - text: UTF-8.
    ///   - isPattern: whether `*` may stand for any value.
    /// - Returns: its value.
    /// - Throws: `Failure`.
    package static func parse(_ text: some Sequence<UInt8>, isPattern: Bool = false) throws(Failure) -> JSONValue {
        var parser = JSONParser(bytes: Array(text), isPattern: isPattern)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.index == parser.bytes.count else { throw parser.failure("nothing after the value") }
        return value
    }

    private init(bytes: [UInt8], isPattern: Bool) {
        self.bytes = bytes
        self.isPattern = isPattern
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func failure(_ expected: String) -> Failure { Failure(offset: index, expected: expected) }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        skipSpace()
        guard depth < Self.depthLimit else { throw failure("at most \(Self.depthLimit) values in one another") }
        guard let next else { throw failure("a value") }
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "*") where isPattern:
            index += 1
            return .anything
        default: return try word()
        }
    }

    private mutating func word() throws(Failure) -> JSONValue {
        for (word, value) in [("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null)]
        where bytes[index...].starts(with: word.utf8) {
            index += word.utf8.count
            return value
        }
        throw failure("a value")
    }

    private mutating func object(depth: Int) throws(Failure) -> [String: JSONValue] {
        index += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take("}") { return members }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a name in quotes") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw failure("a colon") }
            members[name] = try value(depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("}") else { throw failure("a comma or }") }
        return members
    }

    private mutating func array(depth: Int) throws(Failure) -> [JSONValue] {
        index += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return elements }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw failure("a comma or ]") }
        return elements
    }

    private mutating func number() throws(Failure) -> JSONNumber {
        let start = index
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            try digits()
        }
        return JSONNumber(String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func digits() throws(Failure) {
        let start = index
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw failure("a digit") }
    }

    private mutating func string() throws(Failure) -> String {
        index += 1
        var units: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"):
                index += 1
                units.append(contentsOf: String(try escape()).utf8)
            case ..<0x20: throw failure("a string without control characters")
            default:
                units.append(byte)
                index += 1
            }
        }
        throw failure("a quote at the end of the string")
    }

    private mutating func escape() throws(Failure) -> Unicode.Scalar {
        let simple: [UInt8: Unicode.Scalar] = [
            UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
            UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
        ]
        if let byte = next, let scalar = simple[byte] {
            index += 1
            return scalar
        }
        guard take("u") else { throw failure("an escape that JSON has") }
        let first = try hexUnit()
        if UTF16.isLeadSurrogate(first), bytes[index...].starts(with: "\\u".utf8) {
            let afterFirst = index
            index += 2
            let second = try hexUnit()
            let scalar = Unicode.Scalar(0x10000 + UInt32(first & 0x3FF) << 10 + UInt32(second & 0x3FF))
            if UTF16.isTrailSurrogate(second), let scalar { return scalar }
            index = afterFirst
        }
        // Half a pair stands for no character.
        return Unicode.Scalar(first) ?? "\u{FFFD}"
    }

    private mutating func hexUnit() throws(Failure) -> UInt16 {
        let digits = bytes[index...].prefix(4)
        guard digits.count == 4, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16),
            digits.first != UInt8(ascii: "+")
        else { throw failure("four hexadecimal digits") }
        index += 4
        return unit
    }
}
