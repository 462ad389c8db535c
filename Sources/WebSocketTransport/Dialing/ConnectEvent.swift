public import NIOCore
public import NIOHTTP1

/// A step in opening a connection. Times are the durations of the step.
public enum ConnectEvent: Sendable {
    /// The system resolved a name to these addresses.
    case resolved(String, [SocketAddress], in: TimeAmount)
    /// An attempt to connect to an address has started.
    case trying(SocketAddress)
    /// The transport is connected. The duration includes name resolution.
    case connected(SocketAddress?, in: TimeAmount)
    /// The proxy has opened a tunnel.
    case tunnelled(through: Proxy, in: TimeAmount)
    /// The TLS handshake is complete.
    case secured(TLSSession, in: TimeAmount)
    /// The server's HTTP/2 settings have arrived.
    case settings([(name: String, value: Int)])
    /// The WebSocket is another stream of an HTTP/2 connection to this address.
    case sharing(SocketAddress?)
    /// The request was sent. With HTTP/2, the first headers are pseudo-headers.
    case requested(HTTPRequestHead)
    /// The server accepted the upgrade.
    case upgraded(in: TimeAmount)
    /// The server redirected to another URL.
    case redirected(HTTPResponseHead, to: WebSocketURL)
}

/// A handler that reports the addresses to which a channel connects.
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
