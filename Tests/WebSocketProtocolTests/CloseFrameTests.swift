import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct CloseFrameTests {
    private func parse(_ payload: [UInt8]) throws -> CloseFrame {
        try payload.withUnsafeBytes { try CloseFrame(payload: $0) }
    }

    private static let payloads: [(payload: [UInt8], code: UInt16, reason: String)] = [
        ([0x03, 0xE8], 1000, ""),
        ([0x03, 0xE8] + Array("bye".utf8), 1000, "bye"),
        ([0x03, 0xF6] + Array("a service restarts".utf8), 1014, "a service restarts"),
        ([0x0B, 0xB8] + Array("naïve €".utf8), 3000, "naïve €"),
        ([0x13, 0x87, 0x00], 4999, "\u{0}"),
        ([0x0F, 0xA0] + [UInt8](repeating: 0x78, count: 123), 4000, String(repeating: "x", count: 123)),
    ]

    @Test(arguments: payloads)
    func `a payload is the code in network byte order and the reason`(payload: [UInt8], code: UInt16, reason: String)
        throws
    {
        let frame = try CloseFrame(code: CloseCode(rawValue: code), reason: reason)
        #expect(frame.payload == payload)
        let parsed = try parse(payload)
        #expect(parsed == frame)
        #expect(parsed.code?.rawValue == code)
        #expect(parsed.reason.utf8.elementsEqual(reason.utf8))
    }

    @Test func `a frame without a payload has no code`() throws {
        #expect(try parse([]) == .empty)
        #expect(CloseFrame.empty.code == nil)
        #expect(CloseFrame.empty.reason.isEmpty)
        #expect(CloseFrame.empty.payload.isEmpty)
    }

    @Test func `a normal Close frame has code 1000 and no reason`() {
        #expect(CloseFrame.normal.payload == [0x03, 0xE8])
    }

    @Test(arguments: [0x00, 0x03, 0xFF] as [UInt8])
    func `a payload of one byte is rejected`(byte: UInt8) {
        #expect(throws: ProtocolError.closePayloadOfOneByte) { try parse([byte]) }
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] as [UInt16])
    func `codes that must not be sent are rejected in both directions`(code: UInt16) {
        let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        #expect(throws: ProtocolError.closeCodeNotAllowed(code)) { try parse(payload) }
        #expect(throws: ProtocolError.closeCodeNotAllowed(code)) { try parse(payload + [0xFF]) }
        #expect(throws: CloseFrame.Invalid.code(CloseCode(rawValue: code))) {
            try CloseFrame(code: CloseCode(rawValue: code))
        }
    }

    @Test(arguments: [[0xFF], [0xC3], [0x61, 0x80], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xE2, 0x82]] as [[UInt8]])
    func `a reason must be UTF-8`(reason: [UInt8]) {
        #expect(throws: ProtocolError.closeReasonNotUTF8) { try parse([0x03, 0xE8] + reason) }
    }

    @Test(arguments: [(124, "x"), (126, "é"), (126, "€"), (124, "😀"), (1000, "x")])
    func `a reason that is too long is rejected with its length in bytes`(count: Int, character: String) {
        let reason = String(repeating: character, count: count / character.utf8.count)
        #expect(throws: CloseFrame.Invalid.reasonLength(count)) {
            try CloseFrame(code: .normalClosure, reason: reason)
        }
    }

    @Test func `a reason of multibyte characters may fill the frame`() throws {
        let frame = try CloseFrame(code: .normalClosure, reason: String(repeating: "€", count: 41))
        #expect(frame.payload.count == 125)
    }

    @Test(arguments: [ProtocolError.lengthTopBitSet, .textNotUTF8(offset: 7), .messageTooLarge(size: 9, limit: 8)])
    func `the response to a violation has its close code and description`(violation: ProtocolError) throws {
        let frame = CloseFrame(answering: violation)
        #expect(frame.code == violation.closeCode)
        #expect(frame.reason == "\(violation)")
        #expect(try parse(frame.payload) == frame)
    }
}
