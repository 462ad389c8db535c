/// Formats bytes like `hexdump -C`: the offset, sixteen bytes in hexadecimal, and the same bytes in ASCII.
package enum HexDump {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Appends two hexadecimal digits per byte.
    package static func appendDigits(_ bytes: some Collection<UInt8>, to output: inout [UInt8]) {
        for byte in bytes {
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 0xF)])
        }
    }

    /// Returns two hexadecimal digits per byte.
    package static func digits(of bytes: some Collection<UInt8>) -> String {
        var output: [UInt8] = []
        appendDigits(bytes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the lines of a dump, each indented and ending in a newline.
    package static func append(_ bytes: some Collection<UInt8>, to output: inout [UInt8], indent: String) {
        var rest = bytes[...]
        var offset = 0
        while !rest.isEmpty {
            let row = rest.prefix(16)
            rest = rest.dropFirst(16)
            output.append(contentsOf: indent.utf8)
            for shift in stride(from: 28, through: 0, by: -4) { output.append(digits[offset >> shift & 0xF]) }
            output.append(contentsOf: "  ".utf8)
            for (column, byte) in row.enumerated() {
                if column == 8 { output.append(UInt8(ascii: " ")) }
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 0xF)])
                output.append(UInt8(ascii: " "))
            }
            let missing = 16 - row.count
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: missing * 3 + (row.count <= 8 ? 1 : 0)))
            output.append(contentsOf: " |".utf8)
            output.append(contentsOf: row.map { 0x20 <= $0 && $0 < 0x7F ? $0 : UInt8(ascii: ".") })
            output.append(contentsOf: "|\n".utf8)
            offset += row.count
        }
    }
}
