import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct ProtocolErrorTests {
    private static let errors: [(error: ProtocolError, code: UInt16, reference: String?, value: String)] = [
        (.reservedBits(4), 1002, "RFC 6455, section 5.2", "bits RSV1 "),
        (.reservedBits(2), 1002, "RFC 6455, section 5.2", "bits RSV2 "),
        (.reservedBits(1), 1002, "RFC 6455, section 5.2", "bits RSV3 "),
        (.reservedBits(7), 1002, "RFC 6455, section 5.2", "RSV1, RSV2, RSV3"),
        (.reservedOpcode(11), 1002, "RFC 6455, section 5.2", "opcode 11"),
        (.fragmentedControlFrame(.ping), 1002, "RFC 6455, section 5.5", "ping frame"),
        (.controlFrameTooLong(.close), 1002, "RFC 6455, section 5.5", "close frame"),
        (.lengthNotMinimal(125), 1002, "RFC 6455, section 5.2", "length 125"),
        (.lengthTopBitSet, 1002, "RFC 6455, section 5.2", "64-bit length"),
        (.maskedFrameFromServer, 1002, "RFC 6455, section 5.1", "frame from the server"),
        (.unmaskedFrameFromClient, 1002, "RFC 6455, section 5.1", "frame from the client"),
        (.continuationWithoutMessage, 1002, "RFC 6455, section 5.4", "continuation frame"),
        (.messageInsideMessage(.text), 1002, "RFC 6455, section 5.4", "text frame"),
        (.textNotUTF8(offset: 12), 1007, "RFC 6455, section 8.1", "UTF-8 at byte 12"),
        (.closePayloadOfOneByte, 1002, "RFC 6455, section 5.5.1", "one byte"),
        (.closeCodeNotAllowed(1005), 1002, "RFC 6455, section 7.4", "close code 1005"),
        (.closeReasonNotUTF8, 1007, "RFC 6455, section 5.5.1", "close reason"),
        (.compressedDataCorrupt, 1007, "RFC 7692, section 7.2.2", "compressed message"),
        (.frameTooLarge(size: 11, limit: 10), 1009, nil, "a frame of 11 bytes exceeds the limit of 10"),
        (.messageTooLarge(size: 11, limit: 10), 1009, nil, "a message of 11 bytes or more exceeds the limit of 10"),
    ]

    @Test(arguments: errors)
    func `an error has its close code, its reference and its words`(
        error: ProtocolError,
        code: UInt16,
        reference: String?,
        value: String
    ) {
        #expect(error.closeCode.rawValue == code)
        #expect(error.reference == reference)
        #expect("\(error)".contains(value), "\(error)")
    }

    @Test(arguments: [
        ProtocolError.reservedBits(7), .controlFrameTooLong(.continuation), .lengthNotMinimal(.max),
        .messageInsideMessage(.continuation), .textNotUTF8(offset: .max), .frameTooLarge(size: .max, limit: .max),
        .messageTooLarge(size: .max, limit: .max),
    ])
    func `the longest words fit into a Close frame uncut`(error: ProtocolError) {
        #expect(CloseFrame(answering: error).payload.count <= 125)
        #expect(CloseFrame(answering: error).reason == "\(error)")
    }
}
