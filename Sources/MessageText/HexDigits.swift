/// Parses bytes in hexadecimal.
package enum HexDigits {
    /// Returns the bytes that pairs of hexadecimal digits represent, ignoring spaces.
    ///
    /// - Throws: `InvalidValue` with the invalid character.
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
            throw InvalidValue("odd number of hexadecimal digits (\(count)); each byte has two")
        }
        return bytes
    }
}
