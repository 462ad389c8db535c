public import NIOCore
public import NIOHTTP1

/// A step on the way to a connection, for who wants to watch it. Times are those of the step alone.
public enum ConnectEvent: Sendable {
    /// The system knows these addresses of a name.
    case resolved(String, [SocketAddress], in: TimeAmount)
    /// An attempt at an address begins.
    case trying(SocketAddress)
    /// The transport is there, names looked up and all.
    case connected(SocketAddress?, in: TimeAmount)
    /// The proxy has opened a tunnel.
    case tunnelled(through: Proxy, in: TimeAmount)
    /// TLS is there.
    case secured(TLSSession, in: TimeAmount)
    /// The request has been sent.
    case requested(HTTPRequestHead)
    /// The server has agreed.
    case upgraded(in: TimeAmount)
    /// The server sent us elsewhere.
    case redirected(HTTPResponseHead, to: WebSocketURL)
}

/// Tells which address a channel is being connected to.
final class AddressObserver: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = ByteBuffer

    private let onConnect: @Sendable (SocketAddress) -> Void

    init(onConnect: @Sendable @escaping (SocketAddress) -> Void) {
        self.onConnect = onConnect
    }

    func connect(context: ChannelHandlerContext, to address: SocketAddress, promise: EventLoopPromise<Void>?) {
        onConnect(address)
        context.connect(to: address, promise: promise)
    }
}
