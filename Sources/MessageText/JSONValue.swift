/// A JSON value (RFC 8259); in a pattern it may have places where anything may stand.
package indirect enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
    /// `*` in a pattern: any value.
    case anything
}

/// A number by what it is worth, whatever its size: 1, 1.0 and 10e-1 are equal, and no digit is rounded away.
package struct JSONNumber: Hashable, Sendable {
    private let isNegative: Bool
    /// The digits without zeros at either end; empty for zero.
    private let digits: [UInt8]
    /// The power of ten that the last digit stands for.
    private let exponent: Int

    /// Reads a number as RFC 8259 writes it.
    ///
    /// - Parameter text: checked already to be one.
    package init(_ text: some StringProtocol) {
        let parts = text.utf8.split(maxSplits: 1) { $0 | 0x20 == UInt8(ascii: "e") }
        let mantissa = parts.first ?? text.utf8[...]
        var digits: [UInt8] = []
        var exponent = parts.count > 1 ? Self.exponent(parts[1]) : 0
        var isFraction = false
        for byte in mantissa {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits.append(byte)
                if isFraction { exponent -= 1 }
            case UInt8(ascii: "."): isFraction = true
            default: break
            }
        }
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        self.digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
        self.exponent = self.digits.isEmpty ? 0 : exponent
        isNegative = !self.digits.isEmpty && mantissa.first == UInt8(ascii: "-")
    }

    /// An exponent beyond all reason is held at a bound, so that no sum with it overflows.
    private static func exponent(_ text: some Sequence<UInt8>) -> Int {
        let text = String(decoding: Array(text), as: UTF8.self)
        let bound = 1 << 40
        return max(-bound, min(bound, Int(text) ?? (text.hasPrefix("-") ? -bound : bound)))
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as JSON on one line, with the keys of objects in their order as text.
    package var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let number): number.description
        case .string(let text): Self.quoted(text)
        case .array(let elements): "[" + elements.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\($0.value)" }.joined(separator: ",")
                + "}"
        case .anything: "*"
        }
    }

    /// Whether it is an object or an array.
    package var isStructured: Bool {
        switch self {
        case .array, .object: true
        case .null, .bool, .number, .string, .anything: false
        }
    }

    private static func quoted(_ text: String) -> String {
        var output: [UInt8] = []
        var text = text
        text.withUTF8 { JSONObjectWriter.append(UnsafeRawBufferPointer($0), to: &output) }
        return String(decoding: output, as: UTF8.self)
    }
}

extension JSONNumber: CustomStringConvertible {
    /// The number in digits, or with an exponent where these would be many.
    package var description: String {
        let sign = isNegative ? "-" : ""
        let digits = String(decoding: self.digits, as: UTF8.self)
        guard !digits.isEmpty else { return "0" }
        switch exponent {
        case 0...20: return sign + digits + String(repeating: "0", count: exponent)
        case -digits.count + 1..<0: return sign + digits.dropLast(-exponent) + "." + digits.suffix(-exponent)
        case -20..<0: return sign + "0." + String(repeating: "0", count: -exponent - digits.count) + digits
        default: return "\(sign)\(digits)e\(exponent)"
        }
    }
}
