/// A strict JSON parser (RFC 8259).
package enum JSONParser {
    package typealias Failure = JSONSyntaxError

    /// The maximum number of values in a text, because a value of two bytes takes about a hundred bytes in memory.
    package static let valueLimit = 1_000_000

    /// Parses a complete text.
    ///
    /// - Parameter text: the text, in UTF-8.
    /// - Returns: the value. If an object has several members with the same name, the last one counts.
    /// - Throws: `JSONSyntaxError`, also for a text with more than `valueLimit` values.
    package static func parse(_ text: some Sequence<UInt8>) throws(Failure) -> JSONValue {
        try Array(text).withUnsafeBufferPointer { (bytes) throws(Failure) in
            try parse(UnsafeRawBufferPointer(bytes))
        }
    }

    /// An object or array that has not been closed yet.
    private struct OpenValue {
        var members: [String: JSONValue]?
        var elements: [JSONValue] = []
        var name = ""

        var value: JSONValue { members.map(JSONValue.object) ?? .array(elements) }

        mutating func append(_ value: JSONValue) {
            if members == nil { elements.append(value) } else { members?[name] = value }
        }
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> JSONValue {
        var tokenizer = JSONTokenizer(bytes)
        var count = 0
        var open: [OpenValue] = []
        var result = JSONValue.null
        while let token = try tokenizer.next() {
            let text = UnsafeRawBufferPointer(rebasing: bytes[token.range])
            let value: JSONValue
            switch token.kind {
            case .comma, .colon: continue
            case .name:
                open[open.count - 1].name = JSONString.decode(text)
                continue
            case .beginObject:
                open.append(OpenValue(members: [:]))
                continue
            case .beginArray:
                open.append(OpenValue())
                continue
            case .endObject, .endArray: value = open.removeLast().value
            case .string: value = .string(JSONString.decode(text))
            case .number: value = .number(JSONNumber(String(decoding: text, as: UTF8.self)))
            case .true: value = .bool(true)
            case .false: value = .bool(false)
            case .null: value = .null
            // Only in patterns.
            case .wildcard, .more: throw Failure(offset: token.range.lowerBound, expected: "a value")
            }
            count += 1
            guard count <= valueLimit else {
                throw Failure(offset: token.range.lowerBound, expected: "at most \(valueLimit) values")
            }
            if open.isEmpty { result = value } else { open[open.count - 1].append(value) }
        }
        return result
    }
}

/// Decodes JSON strings.
enum JSONString {
    /// Returns the value of a string token.
    ///
    /// - Parameter token: a valid token, including its quotes.
    /// - Returns: the value, with U+FFFD in place of an unpaired surrogate.
    static func decode(_ token: UnsafeRawBufferPointer) -> String {
        let bytes = token.dropFirst().dropLast()
        guard var index = bytes.firstIndex(of: UInt8(ascii: "\\")) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var output = Array(bytes[..<index])
        while index < bytes.endIndex {
            guard bytes[index] == UInt8(ascii: "\\") else {
                output.append(bytes[index])
                index += 1
                continue
            }
            let escaped = bytes[index + 1]
            index += 2
            switch escaped {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"): output += String(scalar(in: bytes, at: &index)).utf8
            default: output.append(escaped)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Parses a `\u` escape after its `u`, including the second half of a surrogate pair.
    private static func scalar(in bytes: Slice<UnsafeRawBufferPointer>, at index: inout Int) -> Unicode.Scalar {
        func unit() -> UInt16 {
            defer { index += 4 }
            return UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16) ?? 0
        }
        let first = unit()
        guard UTF16.isLeadSurrogate(first), bytes[index...].starts(with: "\\u".utf8) else {
            return Unicode.Scalar(first) ?? "\u{FFFD}"
        }
        let afterFirst = index
        index += 2
        let second = unit()
        guard UTF16.isTrailSurrogate(second) else {
            index = afterFirst
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + UInt32(first & 0x3FF) << 10 + UInt32(second & 0x3FF)) ?? "\u{FFFD}"
    }
}
