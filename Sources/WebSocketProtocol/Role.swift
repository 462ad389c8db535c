/// The side of the connection an endpoint stands on (RFC 6455, section 1.2).
public enum Role: Sendable {
    /// Opened the connection; masks every frame it sends.
    case client
    /// Accepted the connection; never masks a frame.
    case server
}
