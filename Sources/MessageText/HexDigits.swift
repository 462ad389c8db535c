/// Bytes written as pairs of hexadecimal digits.
package enum HexDigits {
    /// Returns the bytes that the digits stand for; spaces are ignored.
    ///
    /// - Throws: `InvalidValue` with the character at fault.
    package static func bytes(_ text: some StringProtocol) throws(InvalidValue) -> [UInt8] {
        var bytes: [UInt8] = []
        var count = 0
        for digit in text where digit != " " {
            guard digit.isASCII, let value = digit.hexDigitValue else {
                throw InvalidValue("\"\(digit)\" is not a hexadecimal digit")
            }
            if count.isMultiple(of: 2) { bytes.append(UInt8(value) << 4) } else { bytes[count / 2] |= UInt8(value) }
            count += 1
        }
        guard count.isMultiple(of: 2) else {
            throw InvalidValue("\(count) hexadecimal digits are not whole bytes; each byte has two")
        }
        return bytes
    }
}
