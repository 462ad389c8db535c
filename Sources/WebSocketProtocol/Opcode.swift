/// The type of a frame (RFC 6455, section 5.2). Opcodes 3–7 and 11–15 are reserved and have no case.
public enum Opcode: UInt8, Sendable {
    /// Continues the message that a `text` or `binary` frame started.
    case continuation = 0x0
    /// Starts a text message, in UTF-8. The frame may be its only fragment.
    case text = 0x1
    /// Starts a binary message. The frame may be its only fragment.
    case binary = 0x2
    /// Starts the closing handshake or responds to it.
    case close = 0x8
    /// Requests a pong.
    case ping = 0x9
    /// Responds to a ping, or is unsolicited.
    case pong = 0xA

    /// Whether the opcode is that of a control frame, which may be sent between the fragments of a message (RFC 6455,
    /// section 5.5).
    public var isControl: Bool { rawValue & 0x8 != 0 }
}
