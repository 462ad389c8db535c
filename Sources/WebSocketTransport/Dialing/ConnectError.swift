public import WebSocketProtocol

/// Why no connection came about; keeps the facts, so that the caller can tell the user what to try.
public enum ConnectError: Error, Sendable {
    /// The host, the server's or the proxy's, has no address, or none of the family that is wanted.
    case nameNotResolved(host: String, reason: String, family: AddressFamily = .any, isProxy: Bool = false)
    /// No address could be reached, the server's or the proxy's; what went wrong at each.
    case unreachable(url: WebSocketURL, proxy: Proxy?, attempts: [String])
    /// The time limit passed.
    case timedOut(url: WebSocketURL, seconds: Double, phase: Phase)
    /// The server's certificate was not accepted.
    case certificateNotAccepted(url: WebSocketURL, CertificateFault)
    /// The server did not accept our certificate, or wants one; what TLS says.
    case clientCertificateNotAccepted(url: WebSocketURL, reason: String)
    /// TLS could not be set up for another reason.
    case tls(url: WebSocketURL, reason: String)
    /// The server answered with another status than 101.
    case refused(url: WebSocketURL, Refusal)
    /// The server answered 101, but not as RFC 6455 has it.
    case invalidUpgrade(url: WebSocketURL, UpgradeViolation)
    /// What the server answered is not HTTP, or breaks its rules.
    case unreadableAnswer(url: WebSocketURL, ResponseFault)
    /// The connection ended before the server's answer was complete.
    case endedEarly(url: WebSocketURL, reason: String?)
    /// The proxy led nowhere.
    case proxy(Proxy, url: WebSocketURL, ProxyFailure)
    /// The proxy that the environment names is no URL.
    case badProxy(WebSocketURL.Invalid)
    /// The server's redirect can't be followed.
    case badRedirect(url: WebSocketURL, location: String, reason: String)
    /// The server sent us on more often than we go.
    case tooManyRedirects(url: WebSocketURL, limit: Int)
    /// The server sent us from TLS to a plain connection.
    case redirectedToPlain(url: WebSocketURL, target: WebSocketURL)
    /// A file that an option names can't be read, or has something else in it.
    case unreadableFile(path: String, wanted: String)
    /// The task that opened it was cancelled.
    case cancelled

    /// How far the attempt had come.
    public enum Phase: String, Sendable {
        /// Names and TCP.
        case connecting
        /// The tunnel through a proxy.
        case tunnelling
        /// TLS.
        case securing
        /// The upgrade.
        case upgrading
    }
}

/// A rule of the opening handshake that a server's 101 broke (RFC 6455, section 4.1).
public enum UpgradeViolation: Error, Equatable, Sendable {
    /// The version of HTTP has no upgrade.
    case version(String)
    /// A 101 announces a body of so many bytes, which none has (RFC 9110, section 8.6).
    case body(String)
    /// `Upgrade` does not say "websocket"; what it says.
    case upgrade([String])
    /// `Connection` does not contain "Upgrade"; what it says.
    case connection([String])
    /// `Sec-WebSocket-Accept` does not belong to the key that was sent.
    case accept(received: [String], expected: String)
    /// A subprotocol that was not offered, or more than one.
    case subprotocol(received: [String], offered: [String])
    /// An extension that was not offered, or parameters that RFC 7692 does not allow.
    case `extension`(DeflateParameters.Invalid)
}

extension UpgradeViolation: CustomStringConvertible {
    /// What was wrong, with the value at fault.
    public var description: String {
        switch self {
        case .version(let version): "in \(version), which has no upgrade"
        case .body(let length): "announces a body of \(length) bytes, which no 101 has"
        case .upgrade(let values): "its Upgrade header \(says(values)), not \"websocket\""
        case .connection(let values): "its Connection header \(says(values)), not \"Upgrade\""
        case .accept(let values, let expected):
            "its Sec-WebSocket-Accept header \(says(values)), where the key that was sent asks for \"\(expected)\""
        case .subprotocol(let values, let offered):
            "its Sec-WebSocket-Protocol header \(says(values)), "
                + (offered.isEmpty ? "but none was asked for" : "not one of those asked for: \(quoted(offered))")
        case .extension(let invalid): "its Sec-WebSocket-Extensions header \(invalid)"
        }
    }

    private func says(_ values: [String]) -> String {
        switch values.count {
        case 0: "is missing"
        case 1: "says \(quoted(values))"
        default: "comes \(values.count) times, as \(quoted(values))"
        }
    }

    private func quoted(_ values: [String]) -> String {
        values.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
