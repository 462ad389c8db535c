/// The type of a frame (RFC 6455, section 5.2). Opcodes 3–7 and 11–15 are reserved and have no case.
public enum Opcode: UInt8, Sendable {
    /// A further fragment of the message begun by an earlier `text` or `binary` frame.
    case continuation = 0x0
    /// The first, perhaps only, fragment of a UTF-8 message.
    case text = 0x1
    /// The first, perhaps only, fragment of a message of any bytes.
    case binary = 0x2
    /// Begins or answers the closing handshake.
    case close = 0x8
    /// Requests a pong.
    case ping = 0x9
    /// Answers a ping, or is unsolicited.
    case pong = 0xA

    /// Whether this is a control frame, which may be sent between the fragments of a message (RFC 6455, section 5.5).
    public var isControl: Bool { rawValue & 0x8 != 0 }
}
