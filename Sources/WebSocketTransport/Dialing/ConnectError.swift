public import WebSocketProtocol

/// The reason why a connection could not be opened, with the facts that a message to the user needs.
public enum ConnectError: Error, Sendable {
    /// The host of the server or the proxy has no address, or none of the requested family.
    case nameNotResolved(host: String, reason: String, family: AddressFamily = .any, isProxy: Bool = false)
    /// No address of the server or the proxy could be reached; `attempts` has the error for each.
    case unreachable(url: WebSocketURL, proxy: Proxy?, attempts: [String])
    /// `ConnectionConfiguration.connectTimeout`, here in seconds, has passed.
    case timedOut(url: WebSocketURL, seconds: Double, phase: Phase)
    /// The server's certificate is rejected.
    case certificateNotAccepted(url: WebSocketURL, CertificateFault)
    /// The server rejects the client certificate, or requires one; `reason` is its alert.
    case clientCertificateNotAccepted(url: WebSocketURL, reason: String)
    /// The TLS handshake failed for another reason.
    case tls(url: WebSocketURL, reason: String)
    /// The server responded with another status than 101.
    case refused(url: WebSocketURL, Refusal)
    /// The server responded with 101 but broke a rule of RFC 6455, section 4.1.
    case invalidUpgrade(url: WebSocketURL, UpgradeViolation)
    /// The server's response is not valid HTTP.
    case unreadableAnswer(url: WebSocketURL, ResponseFault)
    /// The connection ended before the server's response was complete.
    case endedEarly(url: WebSocketURL, reason: String?)
    /// The proxy did not connect to the server.
    case proxy(Proxy, url: WebSocketURL, ProxyFailure)
    /// The URL of the proxy in the environment is invalid.
    case badProxy(WebSocketURL.Invalid)
    /// The target of the server's redirect cannot be used. `location` may have secrets in it.
    case badRedirect(url: WebSocketURL, location: String, reason: String)
    /// The server redirects more often than `ConnectionConfiguration.maximumRedirects`.
    case tooManyRedirects(url: WebSocketURL, limit: Int)
    /// The server redirects from TLS to a plain connection, and `followsToPlain` is off.
    case redirectedToPlain(url: WebSocketURL, target: WebSocketURL)
    /// A file cannot be read, or does not contain what it should.
    case unreadableFile(path: String, wanted: String)
    /// The task that opened the connection was canceled.
    case cancelled

    /// A phase of an attempt to connect.
    public enum Phase: String, Sendable {
        /// Resolving names and connecting TCP.
        case connecting
        /// Opening a tunnel through a proxy.
        case tunnelling
        /// The TLS handshake.
        case securing
        /// The opening handshake of RFC 6455.
        case upgrading
    }
}

/// A rule of the opening handshake that a server's 101 response breaks (RFC 6455, section 4.1).
public enum UpgradeViolation: Error, Equatable, Sendable {
    /// The version of HTTP does not support upgrades.
    case version(String)
    /// The response announces a body of this many bytes, which a 101 cannot have (RFC 9110, section 8.6).
    case body(String)
    /// The `Upgrade` header field has these values instead of "websocket".
    case upgrade([String])
    /// The `Connection` header field has these values instead of "Upgrade".
    case connection([String])
    /// The `Sec-WebSocket-Accept` header field does not match the key of the request.
    case accept(received: [String], expected: String)
    /// The server chose a subprotocol that was not offered, or more than one.
    case subprotocol(received: [String], offered: [String])
    /// The server chose an extension that was not offered, or parameters that RFC 7692 does not allow.
    case `extension`(DeflateParameters.Invalid)
}

extension UpgradeViolation: CustomStringConvertible {
    /// The broken rule, with the value at fault.
    public var description: String {
        switch self {
        case .version(let version): "\(version) has no upgrade mechanism"
        case .body(let length): "it announces a body of \(length) bytes, but a 101 has none"
        case .upgrade(let values): "the Upgrade header \(says(values)); it must be \"websocket\""
        case .connection(let values): "the Connection header \(says(values)); it must be \"Upgrade\""
        case .accept(let values, let expected):
            "the Sec-WebSocket-Accept header \(says(values)); for the key sent, it must be \"\(expected)\""
        case .subprotocol(let values, let offered):
            "the Sec-WebSocket-Protocol header \(says(values)), but "
                + (offered.isEmpty ? "none was offered" : "the subprotocols offered are \(quoted(offered))")
        case .extension(let invalid): "the Sec-WebSocket-Extensions header \(invalid)"
        }
    }

    private func says(_ values: [String]) -> String {
        switch values.count {
        case 0: "is missing"
        case 1: "is \(quoted(values))"
        default: "occurs \(values.count) times, as \(quoted(values))"
        }
    }

    private func quoted(_ values: [String]) -> String {
        values.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
