import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct ProtocolErrorTests {
    private static let errors: [(error: ProtocolError, code: UInt16, reference: String?, description: String)] = [
        (.reservedBits(4), 1002, "RFC 6455, section 5.2", "reserved bits RSV1 are set where no extension uses them"),
        (.reservedBits(2), 1002, "RFC 6455, section 5.2", "reserved bits RSV2 are set where no extension uses them"),
        (.reservedBits(1), 1002, "RFC 6455, section 5.2", "reserved bits RSV3 are set where no extension uses them"),
        (
            .reservedBits(7), 1002, "RFC 6455, section 5.2",
            "reserved bits RSV1, RSV2, RSV3 are set where no extension uses them"
        ),
        (.reservedOpcode(11), 1002, "RFC 6455, section 5.2", "opcode 11 is reserved"),
        (.fragmentedControlFrame(.ping), 1002, "RFC 6455, section 5.5", "a ping frame is fragmented"),
        (.controlFrameTooLong(.close), 1002, "RFC 6455, section 5.5", "a close frame is longer than 125 bytes"),
        (.lengthNotMinimal(125), 1002, "RFC 6455, section 5.2", "the length 125 stands in more bytes than it needs"),
        (.lengthTopBitSet, 1002, "RFC 6455, section 5.2", "a 64-bit length has its top bit set"),
        (.maskedFrameFromServer, 1002, "RFC 6455, section 5.1", "a frame from the server is masked"),
        (.unmaskedFrameFromClient, 1002, "RFC 6455, section 5.1", "a frame from the client is not masked"),
        (.continuationWithoutMessage, 1002, "RFC 6455, section 5.4", "a continuation frame continues no message"),
        (
            .messageInsideMessage(.text), 1002, "RFC 6455, section 5.4",
            "a text frame came before the message under way was complete"
        ),
        (.textNotUTF8(offset: 12), 1007, "RFC 6455, section 8.1", "a text message is not UTF-8 at byte 12"),
        (.closePayloadOfOneByte, 1002, "RFC 6455, section 5.5.1", "a close frame has a payload of one byte"),
        (.closeCodeNotAllowed(1005), 1002, "RFC 6455, section 7.4", "close code 1005 must not be sent"),
        (.closeReasonNotUTF8, 1007, "RFC 6455, section 5.5.1", "a close reason is not UTF-8"),
        (
            .compressedDataCorrupt, 1007, "RFC 7692, section 7.2.2",
            "a compressed message cannot be decompressed"
        ),
        (.frameTooLarge(size: 11, limit: 10), 1009, nil, "a frame of 11 bytes is over the limit of 10"),
        (
            .messageTooLarge(size: 11, limit: 10), 1009, nil,
            "a message of 11 bytes or more is over the limit of 10"
        ),
    ]

    @Test(arguments: errors)
    func `each error has a close code, a reference and a description`(
        error: ProtocolError,
        code: UInt16,
        reference: String?,
        description: String
    ) {
        #expect(error.closeCode.rawValue == code)
        #expect(error.reference == reference)
        #expect("\(error)" == description)
    }

    @Test(arguments: [
        ProtocolError.reservedBits(7), .controlFrameTooLong(.continuation), .lengthNotMinimal(.max),
        .messageInsideMessage(.continuation), .textNotUTF8(offset: .max), .frameTooLarge(size: .max, limit: .max),
        .messageTooLarge(size: .max, limit: .max),
    ])
    func `the longest description fits into a Close frame`(error: ProtocolError) {
        #expect(CloseFrame(answering: error).payload.count <= 125)
        #expect(CloseFrame(answering: error).reason == "\(error)")
    }
}
