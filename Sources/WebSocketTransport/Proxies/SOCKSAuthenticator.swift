import NIOCore

/// Adds user and password (RFC 1929) to NIO's SOCKS5 client, which knows no authentication: stands before it, answers the
/// proxy's question itself, and tells the client that there was none.
final class SOCKSAuthenticator: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case greeting
        case awaitingMethod
        case awaitingVerdict
        case done
    }

    /// RFC 1928, section 3: version 5, and the methods "none" and "user and password".
    private static let version: UInt8 = 5
    private static let noAuthentication: UInt8 = 0
    private static let userAndPassword: UInt8 = 2

    private let credentials: Credentials
    private var state = State.greeting
    private var received = ByteBuffer()

    init(credentials: Credentials) {
        self.credentials = credentials
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .greeting = state else { return context.write(data, promise: promise) }
        state = .awaitingMethod
        let greeting = ByteBuffer(bytes: [Self.version, 2, Self.noAuthentication, Self.userAndPassword])
        context.write(wrapOutboundOut(greeting), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .done = state { return context.fireChannelRead(data) }
        received.writeImmutableBuffer(unwrapInboundIn(data))
        while received.readableBytes >= 2, let first: UInt8 = received.readInteger(),
            let second: UInt8 = received.readInteger()
        {
            switch state {
            case .awaitingMethod where first == Self.version && second == Self.userAndPassword:
                state = .awaitingVerdict
                sendCredentials(context)
            case .awaitingMethod:
                return finish(ByteBuffer(bytes: [first, second]), context)
            case .awaitingVerdict:
                guard second == 0 else {
                    context.fireErrorCaught(ProxyFailure.notAllowed)
                    return context.close(promise: nil)
                }
                return finish(ByteBuffer(bytes: [Self.version, Self.noAuthentication]), context)
            case .greeting, .done:
                return
            }
        }
    }

    /// Lets the client go on with the answer that it is to see, and with what follows it.
    private func finish(_ answer: ByteBuffer, _ context: ChannelHandlerContext) {
        state = .done
        var answer = answer
        answer.writeBuffer(&received)
        context.fireChannelRead(wrapInboundOut(answer))
        context.fireChannelReadComplete()
    }

    private func sendCredentials(_ context: ChannelHandlerContext) {
        var request = ByteBuffer(bytes: [1])
        for part in [credentials.user, credentials.password] {
            // `Proxy` rejects longer ones, but its properties can be set.
            guard let length = UInt8(exactly: part.utf8.count) else {
                context.fireErrorCaught(ProxyFailure.notAllowed)
                return context.close(promise: nil)
            }
            request.writeInteger(length)
            request.writeString(part)
        }
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }
}
