import MessageText
public import NIOCore
public import WebSocketProtocol

/// The configuration of client connections, apart from the URL.
public struct ConnectionConfiguration: Sendable {
    /// Header fields of the request, in order, after those of the handshake. A field with the name of one of those replaces
    /// it, and a field with an empty value removes it.
    public var headers: [(name: String, value: String)] = []
    /// The subprotocols offered, in order of preference.
    public var subprotocols: [String] = []
    /// The value of the `Authorization` header field. It takes precedence over the credentials of the URL.
    public var authorization: String?
    /// The time limit for all phases up to the server's response, redirects included.
    public var connectTimeout: TimeAmount = .seconds(10)
    /// The maximum time to wait for the server's Close frame after sending one.
    public var closeTimeout: TimeAmount = .seconds(5)
    /// Whether permessage-deflate (RFC 7692) is offered.
    public var offersCompression = true
    /// The maximum payload of a frame to send, in bytes, at least 1; longer messages are fragmented. Nil sends each message as
    /// one frame.
    public var fragmentSize: Int?
    /// The configuration of TLS, for `wss`.
    public var tls = TLSOptions()
    /// The family of addresses to use.
    public var addressFamily = AddressFamily.any
    /// Addresses to use instead of resolving a host.
    public var resolutions: [Resolution] = []
    /// Returns the proxy for a server; nil to connect directly.
    public var proxy: @Sendable (WebSocketURL) throws(WebSocketURL.Invalid) -> Proxy? = {
        _ throws(WebSocketURL.Invalid) in
        nil
    }
    /// The maximum number of redirects to follow; 0 follows none.
    public var maximumRedirects = 0
    /// Whether to follow redirects from `wss` to `ws`.
    public var followsToPlain = false
    /// Whether to answer the server's Close frame, or a violation, at once. Otherwise `Connection.close` does, after the
    /// replies to earlier messages have been sent.
    public var answersEndAtOnce = true
    /// The maximum size of the server's messages and frames.
    public var limits = Limits()
    /// Called on an event loop, which it must not block, at each step of opening a connection.
    public var onEvent: (@Sendable (ConnectEvent) -> Void)?
    /// Called on the event loop, which it must not block, for each frame.
    public var onFrame: (@Sendable (FrameDirection, FrameHeader) -> Void)?

    /// Creates the default configuration.
    public init() {}

    /// Connects to this server directly, whatever the proxy for other servers.
    public mutating func leaveProxyOut(for server: WebSocketURL) {
        let proxy = proxy
        self.proxy = { url throws(WebSocketURL.Invalid) in url == server ? nil : try proxy(url) }
    }

    /// The configuration for a server that a redirect leads to: without secrets and the client certificate.
    var withoutSecrets: ConnectionConfiguration {
        var options = self
        options.headers.removeAll { Redaction.isSecret($0.name) || $0.name.lowercased() == "host" }
        options.authorization = nil
        options.tls.identity = nil
        options.tls.serverName = nil
        return options
    }
}
