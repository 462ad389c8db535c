/// The role of an endpoint (RFC 6455, section 1.2).
public enum Role: Sendable {
    /// The endpoint that opened the connection; it masks every frame it sends.
    case client
    /// The endpoint that accepted the connection; it never masks a frame.
    case server
}
