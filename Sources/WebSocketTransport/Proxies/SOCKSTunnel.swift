import NIOCore
import NIOSOCKS

/// Waits until a SOCKS5 proxy has connected to the server.
final class SOCKSTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<Void>
    private var isDone = false

    /// Creates the handler of one attempt.
    ///
    /// - Parameter promise: succeeds when the tunnel is there, else fails with a `ProxyFailure`.
    init(promise: EventLoopPromise<Void>) {
        self.promise = promise
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is SOCKSProxyEstablishedEvent, !isDone {
            isDone = true
            promise.succeed(())
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as SOCKSError.ConnectionFailed: fail(.unreachable(Self.words(of: error.reply)))
        case is SOCKSError.InvalidAuthenticationSelection, is SOCKSError.NoValidAuthenticationMethod: fail(.notAllowed)
        case is SOCKSError.InvalidProtocolVersion: fail(.unreadable("it is not SOCKS5"))
        case let failure as ProxyFailure: fail(failure)
        default: fail(ProxyFailure(transport: error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.ended(reason: nil))
        context.fireChannelInactive()
    }

    private func fail(_ failure: ProxyFailure) {
        guard !isDone else { return }
        isDone = true
        promise.fail(failure)
    }

    /// RFC 1928, section 6.
    private static func words(of reply: SOCKSServerReply) -> String {
        switch reply {
        case .serverFailure: "general failure"
        case .notAllowed: "not allowed by its rules"
        case .networkUnreachable: "network unreachable"
        case .hostUnreachable: "host unreachable"
        case .refused: "connection refused"
        case .ttlExpired: "time to live expired"
        case .commandUnsupported: "CONNECT is not supported"
        case .addressUnsupported: "address type not supported"
        default: "unknown reply \(reply.value)"
        }
    }
}
