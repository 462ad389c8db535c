/// A condition on the opening handshake of a connection.
package enum HandshakeCheck: Equatable, Sendable {
    /// The server refuses the upgrade, with this status.
    case refused(status: Int?)
    /// The certificate of the server or the client is rejected.
    case certificateRejected
    /// The body of the refusal matches.
    case body(MessagePattern)
    /// A header field of the response exists, and its value matches.
    case header(name: String, MessagePattern?)
    /// The server accepts the upgrade, with this subprotocol.
    case open(subprotocol: Template?)
    /// The server chooses this subprotocol.
    case subprotocol(Template)
    /// The connection uses permessage-deflate, or does not.
    case compression(Bool)

    /// Whether the server is expected to refuse the connection.
    var isRefusal: Bool {
        switch self {
        case .refused, .certificateRejected: true
        case .body, .header, .open, .subprotocol, .compression: false
        }
    }

    /// Whether the check replaces the rule that the server must choose one of the offered subprotocols.
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
