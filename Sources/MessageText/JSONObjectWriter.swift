/// A writer for a JSON object (RFC 8259) on one line. It escapes control characters, so that the result is safe to
/// print on a terminal.
package struct JSONObjectWriter {
    private var output: [UInt8]
    private var isFirst = true

    /// Starts an object, appending it to `output`.
    package init(output: consuming [UInt8]) {
        self.output = output
        self.output.append(UInt8(ascii: "{"))
    }

    /// Ends the object and the line, and returns the output.
    package consuming func finish() -> [UInt8] {
        output += "}\n".utf8
        return output
    }

    private mutating func name(_ name: String) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        output += "\"\(name)\":".utf8
    }

    /// Adds a member whose value is a string or null.
    package mutating func field(_ name: String, _ value: String?) {
        self.name(name)
        guard let value else { return output += "null".utf8 }
        Self.append(value, to: &output)
    }

    /// Adds a member whose value is a string, given in UTF-8.
    package mutating func field(_ name: String, utf8 value: UnsafeRawBufferPointer) {
        self.name(name)
        Self.append(value, to: &output)
    }

    /// Adds a member whose value is a number or null.
    package mutating func field(_ name: String, _ value: Int?) {
        self.name(name)
        output += (value.map(String.init) ?? "null").utf8
    }

    /// Adds a member whose value is a number in JSON notation.
    package mutating func field(_ name: String, number: String) {
        self.name(name)
        output += number.utf8
    }

    /// Adds a member whose value is a Boolean.
    package mutating func field(_ name: String, _ value: Bool) {
        self.name(name)
        output += (value ? "true" : "false").utf8
    }

    /// Adds a member whose value is an array of strings.
    package mutating func field(_ name: String, _ values: [String]) {
        field(name, number: JSONValue.array(values.map(JSONValue.string)).description)
    }

    /// Appends a quoted string.
    static func append(_ text: String, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0), to: &output) }
    }

    /// Appends a quoted string, given in UTF-8.
    package static func append(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        if text.allSatisfy({ 0x20 <= $0 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            output += text
        } else {
            for scalar in String(decoding: text, as: UTF8.self).unicodeScalars { append(scalar, to: &output) }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        switch scalar {
        case "\"": output += "\\\"".utf8
        case "\\": output += "\\\\".utf8
        case "\n": output += "\\n".utf8
        case "\t": output += "\\t".utf8
        case "\r": output += "\\r".utf8
        default:
            guard VisibleText.mustBeVisible(scalar) else {
                output += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
                return
            }
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                let digits = String(unit, radix: 16)
                output += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
            }
        }
    }
}
