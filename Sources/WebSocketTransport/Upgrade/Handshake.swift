public import NIOCore
public import NIOHTTP1
public import WebSocketProtocol

/// What the opening handshake came to: what was asked, what was agreed (RFC 6455, section 4).
public struct Handshake: Sendable {
    /// The request, as the client sent it.
    public var request: HTTPRequestHead
    /// The answer, as the server sent it.
    public var response: HTTPResponseHead
    /// The address of the peer.
    public var remoteAddress: SocketAddress?
    /// What TLS came to; nil for a plain connection.
    public var tls: TLSSession?
    /// What was agreed for permessage-deflate; nil when it is not used.
    public var deflate: DeflateParameters?
    /// Which client of a `Listener` it is, from 1; nil on the client's side.
    public var clientNumber: Int?

    /// The subprotocol that the server chose.
    public var subprotocol: String? { response.headers["sec-websocket-protocol"].first }
}

/// An answer other than 101: the server did not upgrade the connection.
public struct Refusal: Error, Sendable {
    /// Status line and headers.
    public var response: HTTPResponseHead
    /// The start of the body, at most `maximumBodySize` bytes.
    public var body: ByteBuffer

    /// How much of the body is kept.
    public static let maximumBodySize = 4096
}
