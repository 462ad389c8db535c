public import NIOCore
public import NIOHTTP1
public import WebSocketProtocol

/// The result of an opening handshake (RFC 6455, section 4).
public struct Handshake: Sendable {
    /// The request that the client sent.
    public var request: HTTPRequestHead
    /// The response that the server sent.
    public var response: HTTPResponseHead
    /// The address of the peer.
    public var remoteAddress: SocketAddress?
    /// The TLS session; nil for an unencrypted connection.
    public var tls: TLSSession?
    /// The agreed parameters of permessage-deflate; nil when it is not used.
    public var deflate: DeflateParameters?
    /// The number of the stream, with HTTP/2.
    public var stream: Int?
    /// The client's number at the `Listener`, starting with 1; nil for a client connection.
    public var clientNumber: Int?

    /// The subprotocol that the server selected.
    public var subprotocol: String? { response.headers["sec-websocket-protocol"].first }
}

/// A response with a status other than 101.
public struct Refusal: Error, Sendable {
    /// The request that was refused.
    public var request: HTTPRequestHead
    /// The status line and headers.
    public var response: HTTPResponseHead
    /// The start of the body, up to `maximumBodySize` bytes.
    public var body: ByteBuffer

    /// The maximum number of body bytes to keep.
    public static let maximumBodySize = 4096
}
