/// Writes one JSON object on one line (RFC 8259), in which nothing can drive a terminal.
package struct JSONObjectWriter {
    private var output: [UInt8]
    private var isFirst = true

    /// Begins an object behind what is there already.
    package init(output: consuming [UInt8]) {
        self.output = output
        self.output.append(UInt8(ascii: "{"))
    }

    /// Ends the object and its line.
    package consuming func finish() -> [UInt8] {
        output += "}\n".utf8
        return output
    }

    private mutating func name(_ name: String) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        output += "\"\(name)\":".utf8
    }

    /// Adds a string, or null.
    package mutating func field(_ name: String, _ value: String?) {
        self.name(name)
        guard var value else { return output += "null".utf8 }
        value.withUTF8 { Self.append(UnsafeRawBufferPointer($0), to: &output) }
    }

    /// Adds a string whose bytes are UTF-8.
    package mutating func field(_ name: String, utf8 value: UnsafeRawBufferPointer) {
        self.name(name)
        Self.append(value, to: &output)
    }

    /// Adds a number, or null.
    package mutating func field(_ name: String, _ value: Int?) {
        self.name(name)
        output += (value.map(String.init) ?? "null").utf8
    }

    /// Adds a number by its digits.
    package mutating func field(_ name: String, number: String) {
        self.name(name)
        output += number.utf8
    }

    package mutating func field(_ name: String, _ value: Bool) {
        self.name(name)
        output += (value ? "true" : "false").utf8
    }

    /// Adds an array of strings.
    package mutating func field(_ name: String, _ values: [String]) {
        field(name, number: JSONValue.array(values.map(JSONValue.string)).description)
    }

    /// Appends a string of UTF-8 in quotes.
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
