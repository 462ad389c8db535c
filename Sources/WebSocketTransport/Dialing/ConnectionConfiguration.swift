import MessageText
public import NIOCore
public import WebSocketProtocol

/// How a connection is to be opened and what it is to take, beyond its URL.
public struct ConnectionConfiguration: Sendable {
    /// Headers of the request, in order, after those of the handshake; one named like those replaces it, and one with
    /// an empty value only takes it away.
    public var headers: [(name: String, value: String)] = []
    /// The subprotocols offered, in order of preference.
    public var subprotocols: [String] = []
    /// What lets us in, as an `Authorization` header; comes before what the URL has.
    public var authorization: String?
    /// The time for everything up to the server's answer: names, TCP, TLS, upgrade.
    public var connectTimeout: TimeAmount = .seconds(10)
    /// How long the server may stay silent after our Close frame before the connection is given up.
    public var closeTimeout: TimeAmount = .seconds(5)
    /// Whether permessage-deflate (RFC 7692) is offered.
    public var offersCompression = true
    /// The most payload bytes of a frame that is sent; longer messages are cut into fragments. Nil cuts none.
    public var fragmentSize: Int?
    /// TLS, for `wss`.
    public var tls = TLSOptions()
    /// Which addresses are used.
    public var addressFamily = AddressFamily.any
    /// Addresses that are not looked up.
    public var resolutions: [Resolution] = []
    /// The proxy for a server; nil for none.
    public var proxy: @Sendable (WebSocketURL) throws(WebSocketURL.Invalid) -> Proxy? = {
        _ throws(WebSocketURL.Invalid) in
        nil
    }
    /// How often a server may send us elsewhere; 0 follows no redirect.
    public var maximumRedirects = 0
    /// Whether a redirect may lead from `wss` to `ws`.
    public var followsToPlain = false
    /// Whether the server's Close frame, or a violation, is answered as soon as it comes; else by `Connection.close`, when
    /// the replies to what came before it have been sent.
    public var answersEndAtOnce = true
    /// How much of the server's data is taken.
    public var limits = Limits()
    /// Is told each step; nil when nobody watches. Called on event loops, where it must not block.
    public var onEvent: (@Sendable (ConnectEvent) -> Void)?
    /// Is told each frame; nil when nobody watches. Called on the event loop, where it must not block.
    public var onFrame: (@Sendable (FrameDirection, FrameHeader) -> Void)?

    /// The options that hold unless one is changed.
    public init() {}

    /// Goes to this server directly from now on, whatever proxy there is for others.
    public mutating func leaveProxyOut(for server: WebSocketURL) {
        let proxy = proxy
        self.proxy = { url throws(WebSocketURL.Invalid) in url == server ? nil : try proxy(url) }
    }

    /// The options for another server than the user named: it gets no secrets.
    var withoutSecrets: ConnectionConfiguration {
        var options = self
        options.headers.removeAll { Redaction.isSecret($0.name) || $0.name.lowercased() == "host" }
        options.authorization = nil
        options.tls.identity = nil
        options.tls.serverName = nil
        return options
    }
}
