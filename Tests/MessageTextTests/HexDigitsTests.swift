import MessageText
import Testing

@Suite struct HexDigitsTests {
    @Test(
        "Pairs of digits are parsed as bytes",
        arguments: [("", []), ("00ff", [0, 255]), ("1 2 AB", [0x12, 0xAB])] as [(String, [UInt8])]
    )
    func bytes(text: String, bytes: [UInt8]) throws {
        #expect(try HexDigits.bytes(text) == bytes)
    }

    @Test(
        "Other characters and an odd number of digits are rejected",
        arguments: [("0g", "\"g\""), ("123", "3"), ("٣٣", "\"٣\"")]
    )
    func invalid(text: String, value: String) {
        let error = #expect(throws: InvalidValue.self) { try HexDigits.bytes(text) }
        #expect(error?.description.contains(value) == true)
    }
}
