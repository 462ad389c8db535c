import MessageText
import Testing

@Suite struct HexDumpTests {
    @Test("A dump shows sixteen bytes a row, in hexadecimal and in ASCII")
    func dump() {
        var output: [UInt8] = []
        HexDump.append(Array("0123456789abcdef\n\u{7F}".utf8), to: &output, indent: "  ")
        #expect(
            String(decoding: output, as: UTF8.self) == """
                  00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|
                  00000010  0a 7f                                             |..|

                """
        )
    }

    @Test("Digits are appended without spaces")
    func digits() {
        var output: [UInt8] = []
        HexDump.appendDigits([0x00, 0xFF, 0x1A], to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "00ff1a")
    }
}
