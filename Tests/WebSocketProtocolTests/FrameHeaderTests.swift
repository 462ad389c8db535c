import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct FrameHeaderTests {
    private static let key = MaskingKey(0x37, 0xFA, 0x21, 0x3D)

    private static let headers: [(bytes: [UInt8], header: FrameHeader)] = [
        ([0x81, 0x05], FrameHeader(opcode: .text, payloadLength: 5)),
        ([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D], FrameHeader(opcode: .text, payloadLength: 5, maskingKey: key)),
        ([0x01, 0x03], FrameHeader(opcode: .text, payloadLength: 3, isFinal: false)),
        ([0x80, 0x02], FrameHeader(opcode: .continuation, payloadLength: 2)),
        ([0x00, 0x00], FrameHeader(opcode: .continuation, payloadLength: 0, isFinal: false)),
        ([0x88, 0x00], FrameHeader(opcode: .close, payloadLength: 0)),
        ([0x89, 0x7D], FrameHeader(opcode: .ping, payloadLength: 125)),
        ([0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D], FrameHeader(opcode: .pong, payloadLength: 5, maskingKey: key)),
        ([0x82, 0x7D], FrameHeader(opcode: .binary, payloadLength: 125)),
        ([0x82, 0x7E, 0x00, 0x7E], FrameHeader(opcode: .binary, payloadLength: 126)),
        ([0x82, 0x7E, 0x01, 0x00], FrameHeader(opcode: .binary, payloadLength: 256)),
        ([0x82, 0x7E, 0xFF, 0xFF], FrameHeader(opcode: .binary, payloadLength: 65535)),
        (
            [0x82, 0xFE, 0x01, 0x02, 0x37, 0xFA, 0x21, 0x3D],
            FrameHeader(opcode: .binary, payloadLength: 258, maskingKey: key)
        ),
        ([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0], FrameHeader(opcode: .binary, payloadLength: 65536)),
        (
            [0x02, 0x7F, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08],
            FrameHeader(opcode: .binary, payloadLength: 0x0102_0304_0506_0708, isFinal: false)
        ),
        (
            [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x37, 0xFA, 0x21, 0x3D],
            FrameHeader(opcode: .binary, payloadLength: .max, maskingKey: key)
        ),
        ([0xC1, 0x00], FrameHeader(opcode: .text, payloadLength: 0, reservedBits: 4)),
        ([0xA1, 0x00], FrameHeader(opcode: .text, payloadLength: 0, reservedBits: 2)),
        ([0x91, 0x00], FrameHeader(opcode: .text, payloadLength: 0, reservedBits: 1)),
        ([0x72, 0x00], FrameHeader(opcode: .binary, payloadLength: 0, isFinal: false, reservedBits: 7)),
    ]

    private func parse(_ bytes: [UInt8]) throws -> (header: FrameHeader, size: Int)? {
        try bytes.withUnsafeBytes { try FrameHeader.parse($0) }
    }

    @Test(arguments: headers)
    func `parsing consumes exactly the header`(bytes: [UInt8], header: FrameHeader) throws {
        for following: [UInt8] in [[], [0xFF], [UInt8](repeating: 0xFF, count: 20)] {
            let parsed = try #require(try parse(bytes + following))
            #expect(parsed.header == header)
            #expect(parsed.size == bytes.count)
        }
    }

    @Test(arguments: headers)
    func `an incomplete header is not parsed`(bytes: [UInt8], header: FrameHeader) throws {
        for count in bytes.indices {
            let parsed = try parse(Array(bytes.prefix(count)))
            #expect(parsed == nil, "\(count) of \(bytes.count) bytes")
        }
    }

    @Test(arguments: headers)
    func `a header is written in its shortest form, within its bounds`(bytes: [UInt8], header: FrameHeader) {
        var destination = [UInt8](repeating: 0xEE, count: FrameHeader.maximumSize + 2)
        let written = destination.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { header.write(to: $0) }
        }
        #expect(written == bytes.count)
        #expect(header.size == bytes.count)
        #expect(Array(destination.prefix(bytes.count)) == bytes)
        #expect(destination.dropFirst(bytes.count).allSatisfy { $0 == 0xEE })
    }

    @Test func `the first byte is encoded as section 5_2 specifies`() throws {
        for first in UInt8.min ... .max {
            let opcode = first & 0x0F
            switch opcode {
            case 3...7, 11...15:
                #expect(throws: ProtocolError.reservedOpcode(opcode)) { try parse([first, 0]) }
            case 8...10 where first < 0x80:
                let kind = try #require(Opcode(rawValue: opcode))
                #expect(throws: ProtocolError.fragmentedControlFrame(kind)) { try parse([first, 0]) }
            default:
                let header = try #require(try parse([first, 0])).header
                #expect(header.opcode.rawValue == opcode)
                #expect(header.isFinal == (first >= 0x80))
                #expect(header.reservedBits == first / 16 % 8)
            }
        }
    }

    @Test(arguments: [(Opcode.continuation, false), (.text, false), (.binary, false), (.close, true), (.ping, true)])
    func `opcodes of 8 and above are control frames`(opcode: Opcode, isControl: Bool) {
        #expect(opcode.isControl == isControl)
    }

    @Test(arguments: [Opcode.close, .ping, .pong], [0x7E, 0x7F, 0xFE, 0xFF] as [UInt8])
    func `an overlong control frame fails at its second byte`(opcode: Opcode, second: UInt8) {
        #expect(throws: ProtocolError.controlFrameTooLong(opcode)) { try parse([0x80 | opcode.rawValue, second]) }
    }

    @Test(arguments: [0x7E, 0xFE] as [UInt8])
    func `a 16-bit length must be minimal and is checked before the key arrives`(second: UInt8) throws {
        for length in 0...UInt8(125) {
            #expect(throws: ProtocolError.lengthNotMinimal(UInt64(length))) { try parse([0x82, second, 0, length]) }
        }
        let parsed = try parse([0x82, second, 0, 126, 1, 2, 3, 4])
        #expect(parsed?.header.payloadLength == 126)
    }

    @Test(arguments: [0x7F, 0xFF] as [UInt8], [0, 1, 125, 126, 255, 256, 0xFFFF] as [UInt64])
    func `a 64-bit length must be minimal and is checked before the key arrives`(second: UInt8, length: UInt64) {
        let bytes = [0x82, second, 0, 0, 0, 0, 0, 0, UInt8(length >> 8), UInt8(length & 0xFF)]
        #expect(throws: ProtocolError.lengthNotMinimal(length)) { try parse(bytes) }
    }

    @Test(arguments: [0x80, 0xFF] as [UInt8])
    func `the top bit of a 64-bit length must be clear`(top: UInt8) {
        #expect(throws: ProtocolError.lengthTopBitSet) { try parse([0x82, 0x7F, top, 0, 0, 0, 0, 1, 0, 0]) }
    }
}
