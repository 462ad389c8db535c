public import NIOCore
public import NIOHTTP1
public import WebSocketProtocol

/// The result of an opening handshake (RFC 6455, section 4).
public struct Handshake: Sendable {
    /// The request, as the client sent it.
    public var request: HTTPRequestHead
    /// The response, as the server sent it.
    public var response: HTTPResponseHead
    /// The address of the peer.
    public var remoteAddress: SocketAddress?
    /// The TLS session; nil for a plain connection.
    public var tls: TLSSession?
    /// The agreed parameters of permessage-deflate; nil when it is not used.
    public var deflate: DeflateParameters?
    /// The number of the client of a `Listener`, from 1; nil for a client.
    public var clientNumber: Int?

    /// The subprotocol that the server chose.
    public var subprotocol: String? { response.headers["sec-websocket-protocol"].first }
}

/// A response with another status than 101.
public struct Refusal: Error, Sendable {
    /// The status line and header fields.
    public var response: HTTPResponseHead
    /// The start of the body, at most `maximumBodySize` bytes.
    public var body: ByteBuffer

    /// The maximum size of the stored body, in bytes.
    public static let maximumBodySize = 4096
}
