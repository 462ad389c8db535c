/// A violation of RFC 6455 by the peer, or of a limit of this side.
///
/// A violation ends the connection with a Close frame with `closeCode` and `description`.
public enum ProtocolError: Error, Equatable, Sendable {
    /// Reserved bits without a meaning are set; bit 2 is RSV1, bit 0 RSV3.
    case reservedBits(UInt8)
    /// The opcode is one of 3–7 or 11–15.
    case reservedOpcode(UInt8)
    /// A control frame without FIN.
    case fragmentedControlFrame(Opcode)
    /// A control frame whose length does not fit into 7 bits.
    case controlFrameTooLong(Opcode)
    /// A length that is not in its shortest form.
    case lengthNotMinimal(UInt64)
    /// A 64-bit length with the most significant bit set.
    case lengthTopBitSet
    /// A server masked a frame.
    case maskedFrameFromServer
    /// A client did not mask a frame.
    case unmaskedFrameFromClient
    /// A continuation frame outside a message.
    case continuationWithoutMessage
    /// A text or binary frame before the last fragment of the message under way.
    case messageInsideMessage(Opcode)
    /// A text message that is not UTF-8; the offset of the first invalid byte, or of the end inside a character.
    case textNotUTF8(offset: Int)
    /// A Close frame with a payload of one byte.
    case closePayloadOfOneByte
    /// A Close frame with a code that must not be sent.
    case closeCodeNotAllowed(UInt16)
    /// A Close frame whose reason is not UTF-8.
    case closeReasonNotUTF8
    /// A frame longer than `Limits.frameSize`.
    case frameTooLarge(size: UInt64, limit: Int)
    /// A message longer than `Limits.messageSize`; the size so far.
    case messageTooLarge(size: Int, limit: Int)
    /// A compressed message that cannot be decompressed.
    case compressedDataCorrupt

    /// The code of the Close frame that answers the violation.
    public var closeCode: CloseCode {
        switch self {
        case .textNotUTF8, .closeReasonNotUTF8, .compressedDataCorrupt: .invalidFramePayloadData
        case .frameTooLarge, .messageTooLarge: .messageTooBig
        case .reservedBits, .reservedOpcode, .fragmentedControlFrame, .controlFrameTooLong, .lengthNotMinimal,
            .lengthTopBitSet, .maskedFrameFromServer, .unmaskedFrameFromClient, .continuationWithoutMessage,
            .messageInsideMessage, .closePayloadOfOneByte, .closeCodeNotAllowed:
            .protocolError
        }
    }

    /// The section of the broken rule, such as "RFC 6455, section 5.2"; nil for a limit of this side.
    public var reference: String? {
        switch self {
        case .reservedBits, .reservedOpcode, .lengthNotMinimal, .lengthTopBitSet: "RFC 6455, section 5.2"
        case .fragmentedControlFrame, .controlFrameTooLong: "RFC 6455, section 5.5"
        case .maskedFrameFromServer, .unmaskedFrameFromClient: "RFC 6455, section 5.1"
        case .continuationWithoutMessage, .messageInsideMessage: "RFC 6455, section 5.4"
        case .textNotUTF8: "RFC 6455, section 8.1"
        case .closePayloadOfOneByte, .closeReasonNotUTF8: "RFC 6455, section 5.5.1"
        case .closeCodeNotAllowed: "RFC 6455, section 7.4"
        case .compressedDataCorrupt: "RFC 7692, section 7.2.2"
        case .frameTooLarge, .messageTooLarge: nil
        }
    }
}

extension ProtocolError: CustomStringConvertible {
    /// The violation, short enough for a close reason.
    public var description: String {
        switch self {
        case .reservedBits(let bits):
            "reserved bits \(reservedBitNames(bits)) are set, but no extension uses them"
        case .reservedOpcode(let opcode): "opcode \(opcode) is reserved"
        case .fragmentedControlFrame(let opcode): "a \(opcode) frame is fragmented"
        case .controlFrameTooLong(let opcode): "a \(opcode) frame is longer than 125 bytes"
        case .lengthNotMinimal(let length): "the length \(length) is not encoded in its shortest form"
        case .lengthTopBitSet: "a 64-bit length has its top bit set"
        case .maskedFrameFromServer: "a frame from the server is masked"
        case .unmaskedFrameFromClient: "a frame from the client is not masked"
        case .continuationWithoutMessage: "a continuation frame is not part of a message"
        case .messageInsideMessage(let opcode): "a \(opcode) frame interrupts a fragmented message"
        case .textNotUTF8(let offset): "a text message is not UTF-8 at byte \(offset)"
        case .closePayloadOfOneByte: "a close frame has a payload of one byte"
        case .closeCodeNotAllowed(let code): "close code \(code) must not be sent"
        case .closeReasonNotUTF8: "a close reason is not UTF-8"
        case .compressedDataCorrupt: "a compressed message cannot be decompressed"
        case .frameTooLarge(let size, let limit): "a frame of \(size) bytes exceeds the limit of \(limit)"
        case .messageTooLarge(let size, let limit): "a message of \(size) bytes or more exceeds the limit of \(limit)"
        }
    }
}

private func reservedBitNames(_ bits: UInt8) -> String {
    [(4 as UInt8, "RSV1"), (2, "RSV2"), (1, "RSV3")].filter { bits & $0.0 != 0 }.map(\.1).joined(separator: ", ")
}
