import MessageText
public import NIOCore
public import WebSocketProtocol

/// When a client uses HTTP/2 (RFC 8441) instead of HTTP/1.1.
public enum HTTP2Use: Sendable {
    /// Never.
    case never
    /// For `wss`, if the server supports it.
    case ifSupported
    /// Always. The URL must be `wss`, because HTTP/2 is negotiated in the TLS handshake.
    case always
    /// Always, without negotiating it (RFC 9113, section 3.3).
    case priorKnowledge
}

/// The configuration of client connections, except for the URL.
public struct ConnectionConfiguration: Sendable {
    /// Additional headers of the request, in order. A header replaces one of the handshake with the same name, or
    /// removes it if the value is empty.
    public var headers: [(name: String, value: String)] = []
    /// The subprotocols to offer, in order of preference.
    public var subprotocols: [String] = []
    /// The value of the `Authorization` header, which takes precedence over the credentials in the URL.
    public var authorization: String?
    /// Closures that add fresh credentials to the configuration before each attempt to connect, within the given time.
    public var credentialSources: [CredentialSource] = []
    /// The time limit for opening a connection, including credentials and redirects.
    public var connectTimeout: TimeAmount = .seconds(10)
    /// The maximum time to wait for the server's Close frame after sending one.
    public var closeTimeout: TimeAmount = .seconds(5)
    /// Whether to offer permessage-deflate (RFC 7692).
    public var offersCompression = true
    /// The maximum payload of an outgoing frame, in bytes, at least 1; longer messages are fragmented. Nil sends each
    /// message as one frame.
    public var fragmentSize: Int?
    /// Whether to use HTTP/2.
    public var http2 = HTTP2Use.never
    /// The TLS configuration, for `wss`.
    public var tls = TLSOptions()
    /// The IP address family to use.
    public var addressFamily = AddressFamily.any
    /// The addresses to use instead of resolving certain host names.
    public var resolutions: [Resolution] = []
    /// A closure that returns the proxy for a server; nil to connect directly.
    public var proxy: @Sendable (WebSocketURL) throws(WebSocketURL.Invalid) -> Proxy? = {
        _ throws(WebSocketURL.Invalid) in
        nil
    }
    /// The maximum number of redirects to follow; 0 disables redirects.
    public var maximumRedirects = 0
    /// Whether to follow redirects from `wss` to `ws`.
    public var followsToPlain = false
    /// Whether to respond to the server's Close frame or violation immediately. Otherwise `Connection.close` responds,
    /// after the replies to earlier messages have been sent.
    public var answersEndAtOnce = true
    /// The maximum size of incoming messages and frames.
    public var limits = Limits()
    /// A closure that is called at each step of opening a connection, on an event loop that it must not block.
    public var onEvent: (@Sendable (ConnectEvent) -> Void)?
    /// A closure that is called for each frame, with the number of the stream for HTTP/2, on the event loop, which it
    /// must not block.
    public var onFrame: (@Sendable (FrameDirection, FrameHeader, _ stream: Int?) -> Void)?

    /// Adds credentials for a server to a configuration, within a time limit.
    public typealias CredentialSource =
        @Sendable (inout ConnectionConfiguration, WebSocketURL, Duration) async throws(ConnectError) -> Void

    /// Returns the error for `connectTimeout` when it has passed in a phase of an attempt to connect.
    public func timeout(_ url: WebSocketURL, _ phase: ConnectError.Phase) -> ConnectError {
        .timedOut(url: url, seconds: Double(connectTimeout.nanoseconds) / 1e9, phase: phase)
    }

    /// Creates the default configuration.
    public init() {}

    /// Disables the proxy for `server`, but not for other servers.
    public mutating func bypassProxy(for server: WebSocketURL) {
        let proxy = proxy
        self.proxy = { url throws(WebSocketURL.Invalid) in url == server ? nil : try proxy(url) }
    }

    /// Whether `withoutSecrets` removes anything.
    public var hasSecrets: Bool {
        authorization != nil || tls.identity != nil || !credentialSources.isEmpty
            || headers.contains { Redaction.isSecret($0.name) }
    }

    /// A copy for another server, without secrets and the client certificate.
    public var withoutSecrets: ConnectionConfiguration {
        var options = self
        options.credentialSources = []
        options.headers.removeAll { Redaction.isSecret($0.name) || $0.name.lowercased() == "host" }
        options.authorization = nil
        options.tls.identity = nil
        options.tls.serverName = nil
        return options
    }
}
