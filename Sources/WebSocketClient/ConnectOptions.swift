public import NIOCore
public import WebSocketProtocol

/// How a connection is to be opened and what it is to take, beyond its URL.
public struct ConnectOptions: Sendable {
    /// Headers of the request, in order, after those of the handshake; one named like those replaces it, and one with
    /// an empty value only takes it away.
    public var headers: [(name: String, value: String)] = []
    /// The subprotocols offered, in order of preference.
    public var subprotocols: [String] = []
    /// The time for everything up to the server's answer: names, TCP, TLS, upgrade.
    public var connectTimeout: TimeAmount = .seconds(10)
    /// How long the server may stay silent after our Close frame before the connection is given up.
    public var closeTimeout: TimeAmount = .seconds(5)
    /// Whether permessage-deflate (RFC 7692) is offered.
    public var offersCompression = true
    /// Whether the server's certificate is left unchecked.
    public var acceptsAnyCertificate = false
    /// The file of the authorities (PEM) that may vouch for the server; nil for those that the system trusts.
    public var authorities: String?
    /// Whether the server's Close frame, or a violation, is answered as soon as it comes; else by `Connection.close`, when
    /// the replies to what came before it have been sent.
    public var answersEndAtOnce = true
    /// How much of the server's data is taken.
    public var limits = Limits()

    /// The options that hold unless one is changed.
    public init() {}
}
