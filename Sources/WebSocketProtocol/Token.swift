/// The token syntax of header, subprotocol and extension names (RFC 9110, section 5.6.2).
public enum Token {
    /// Whether a byte is allowed in a token.
    public static func contains(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains(byte)
    }
}
