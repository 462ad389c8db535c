/// A condition on the opening handshake of a connection.
package enum HandshakeCheck: Equatable, Sendable {
    /// The server rejects the upgrade, with this status unless it is nil.
    case refused(status: Int?)
    /// The certificate of the server or the client is rejected.
    case certificateRejected
    /// The body of the rejection matches.
    case body(MessagePattern)
    /// The response has this header field, with a matching value unless the pattern is nil.
    case header(name: String, MessagePattern?)
    /// The server accepts the upgrade, with this subprotocol unless it is nil.
    case open(subprotocol: Template?)
    /// The server selects this subprotocol.
    case subprotocol(Template)
    /// The connection uses permessage-deflate if true, and does not use it if false.
    case compression(Bool)

    /// Whether the server is expected to reject the connection.
    var isRefusal: Bool {
        switch self {
        case .refused, .certificateRejected: true
        case .body, .header, .open, .subprotocol, .compression: false
        }
    }

    /// Whether the check replaces the default check that the server selects one of the offered subprotocols.
    var isAboutSubprotocol: Bool {
        switch self {
        case .open, .subprotocol: true
        case .refused, .certificateRejected, .body, .header, .compression: false
        }
    }

    /// The pattern of the body or header field.
    var pattern: MessagePattern? {
        switch self {
        case .body(let pattern), .header(_, let pattern?): pattern
        default: nil
        }
    }

    /// The name of the expected subprotocol.
    var subprotocol: Template? {
        switch self {
        case .open(let name?), .subprotocol(let name): name
        default: nil
        }
    }
}
