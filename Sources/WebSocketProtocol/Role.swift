/// The role of an endpoint (RFC 6455, section 1.2).
public enum Role: Sendable {
    /// The endpoint that opened the connection and masks every frame that it sends.
    case client
    /// The endpoint that accepted the connection and masks no frame.
    case server
}
