/// A token: what names of headers, subprotocols and extensions are made of (RFC 9110, section 5.6.2).
public enum Token {
    /// Whether a byte may stand in a token.
    public static func contains(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains(byte)
    }
}
