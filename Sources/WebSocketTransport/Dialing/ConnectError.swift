public import WebSocketProtocol

/// An error that explains why a connection could not be opened, with the facts for a message to the user.
public enum ConnectError: Error, Sendable {
    /// The host of the server or the proxy does not resolve to an address, or to none of the requested family.
    case nameNotResolved(host: String, reason: String, family: AddressFamily = .any, isProxy: Bool = false)
    /// No address of the server or the proxy is reachable; `attempts` has the error for each.
    case unreachable(url: WebSocketURL, proxy: Proxy?, attempts: [String])
    /// `ConnectionConfiguration.connectTimeout`, in seconds here, has passed.
    case timedOut(url: WebSocketURL, seconds: Double, phase: Phase)
    /// The server's certificate was rejected.
    case certificateNotAccepted(url: WebSocketURL, CertificateFault)
    /// The server rejected the client certificate, or requires one; `reason` is its alert.
    case clientCertificateNotAccepted(url: WebSocketURL, reason: String)
    /// The TLS handshake failed for another reason.
    case tls(url: WebSocketURL, reason: String)
    /// The server responded with a status other than 101 or, over HTTP/2, 200.
    case refused(url: WebSocketURL, Refusal)
    /// The server accepted the request, but the response violates RFC 6455, section 4.1.
    case invalidUpgrade(url: WebSocketURL, UpgradeViolation)
    /// The server's response is not valid HTTP.
    case unreadableAnswer(url: WebSocketURL, ResponseFault)
    /// The server cannot be used over HTTP/2.
    case http2(url: WebSocketURL, HTTP2Failure)
    /// The connection ended before the server's response was complete.
    case endedEarly(url: WebSocketURL, reason: String?)
    /// The proxy did not connect to the server.
    case proxy(Proxy, url: WebSocketURL, ProxyFailure)
    /// The URL of the proxy in the environment is invalid.
    case badProxy(WebSocketURL.Invalid)
    /// The target of a redirect cannot be used. `location` may contain secrets.
    case badRedirect(url: WebSocketURL, location: String, reason: String)
    /// The server redirected more often than `ConnectionConfiguration.maximumRedirects` allows.
    case tooManyRedirects(url: WebSocketURL, limit: Int)
    /// The server redirected from TLS to an unencrypted connection, and `followsToPlain` is false.
    case redirectedToPlain(url: WebSocketURL, target: WebSocketURL)
    /// The command of a credential failed; `details` are the last lines of its standard error.
    case credentialCommand(reason: String, details: [String])
    /// A file cannot be read, or does not have the expected content.
    case unreadableFile(path: String, wanted: String, reason: String)
    /// The task that opened the connection was canceled.
    case cancelled

    /// A phase of an attempt to connect.
    public enum Phase: Sendable {
        /// Waiting for the command that prints the credential of this option.
        case authorizing(option: String)
        /// Resolving the name and opening the TCP connection, without a proxy.
        case connecting
        /// Connecting to a proxy, or opening a tunnel through it.
        case tunnelling(Proxy)
        /// The TLS handshake.
        case securing
        /// The opening handshake of RFC 6455.
        case upgrading
    }
}

/// A violation of the opening handshake in a server's 101 response (RFC 6455, section 4.1).
public enum UpgradeViolation: Error, Equatable, Sendable {
    /// The HTTP version does not support upgrades.
    case version(String)
    /// The response announces a body, with this length in bytes, which a 101 response cannot have (RFC 9110, section
    /// 8.6).
    case body(String)
    /// The `Upgrade` header has these values instead of "websocket".
    case upgrade([String])
    /// The `Connection` header has these values instead of "Upgrade".
    case connection([String])
    /// The `Sec-WebSocket-Accept` header does not match the key of the request.
    case accept(received: [String], expected: String)
    /// The server selected a subprotocol that was not offered, or more than one.
    case subprotocol(received: [String], offered: [String])
    /// The server selected an extension that was not offered, or parameters that RFC 7692 does not allow.
    case `extension`(DeflateParameters.Invalid)
}

extension UpgradeViolation: CustomStringConvertible {
    /// A description of the violation, with the invalid value.
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
