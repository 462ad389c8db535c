public import NIOCore
public import NIOHTTP1

/// A step of opening a connection. Times are the durations of the step.
public enum ConnectEvent: Sendable {
    /// The system resolved a name to these addresses.
    case resolved(String, [SocketAddress], in: TimeAmount)
    /// An attempt at an address begins.
    case trying(SocketAddress)
    /// The transport is connected, name resolution included.
    case connected(SocketAddress?, in: TimeAmount)
    /// The proxy has opened a tunnel.
    case tunnelled(through: Proxy, in: TimeAmount)
    /// The TLS handshake is complete.
    case secured(TLSSession, in: TimeAmount)
    /// The request has been sent.
    case requested(HTTPRequestHead)
    /// The server has accepted the upgrade.
    case upgraded(in: TimeAmount)
    /// The server redirects.
    case redirected(HTTPResponseHead, to: WebSocketURL)
}

/// Reports the addresses that a channel connects to.
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
