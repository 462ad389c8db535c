/// A JSON value (RFC 8259), or a pattern for one.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

/// A decimal number of any size and precision, without rounding. 1, 1.0 and 10e-1 are equal.
package struct JSONNumber: Hashable, Sendable {
    private let isNegative: Bool
    /// The significant digits, without leading and trailing zeros; empty for zero.
    private let digits: [UInt8]
    /// The exponent of ten that applies to the last digit.
    private let exponent: Int

    /// Creates a number from its JSON representation.
    ///
    /// - Parameter text: a valid number (RFC 8259).
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

    /// Returns the exponent, clamped so that adding to it cannot overflow.
    private static func exponent(_ text: some Sequence<UInt8>) -> Int {
        let text = String(decoding: Array(text), as: UTF8.self)
        let bound = 1 << 40
        return max(-bound, min(bound, Int(text) ?? (text.hasPrefix("-") ? -bound : bound)))
    }
}

extension JSONNumber: Comparable {
    package static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        guard left.isNegative == right.isNegative else { return left.isNegative }
        return left.isNegative ? right.isSmaller(than: left) : left.isSmaller(than: right)
    }

    /// Whether the number is without a fraction: 1, 1.0, 10e-1.
    package var isInteger: Bool { exponent >= 0 }

    /// Compares without the signs.
    private func isSmaller(than other: JSONNumber) -> Bool {
        guard !digits.isEmpty, !other.digits.isEmpty else { return digits.isEmpty && !other.digits.isEmpty }
        let (magnitude, otherMagnitude) = (digits.count + exponent, other.digits.count + other.exponent)
        return magnitude == otherMagnitude
            ? digits.lexicographicallyPrecedes(other.digits) : magnitude < otherMagnitude
    }
}

extension JSONValue: Equatable {
    /// Strings are equal if they have the same code points: "é" may be one or two, which Swift considers equal.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameCodePoints(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { member($0.key, of: right) == $0.value }
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }

    /// Returns the member whose name has the same code points.
    static func member<Value>(_ name: String, of members: [String: Value]) -> Value? {
        guard let index = members.index(forKey: name), members[index].key.hasSameCodePoints(as: name) else {
            return nil
        }
        return members[index].value
    }
}

extension String {
    /// Whether both are the same code points, and not only canonically equivalent.
    func hasSameCodePoints(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as JSON on one line, with object members sorted by name.
    package var description: String {
        var output: [UInt8] = []
        append(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func append(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .number(let number): output += number.description.utf8
        case .string(let text): JSONObjectWriter.append(text, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.append(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONObjectWriter.append(member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.append(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// The text of a string without quotes, or another value as JSON: the value of a variable.
    package var plainText: String {
        if case .string(let text) = self { text } else { description }
    }

    /// Whether the value is an object or an array.
    package var isStructured: Bool {
        switch self {
        case .array, .object: true
        case .null, .bool, .number, .string: false
        }
    }
}

extension JSONNumber: CustomStringConvertible {
    /// The number in decimal notation, or in scientific notation if it would have many zeros.
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
