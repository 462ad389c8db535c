import NIOCore

/// A handler that adds authentication with a user name and password (RFC 1929) to NIO's SOCKS5 client, which has none.
///
/// It is placed before the client, authenticates by itself, and then tells the client that none is required.
final class SOCKSAuthenticator: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case greeting
        case awaitingMethod
        case awaitingStatus
        case done
    }

    /// Version 5, and the methods "no authentication" and "user name and password" (RFC 1928, section 3).
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
                state = .awaitingStatus
                sendCredentials(context)
            case .awaitingMethod:
                return finish(ByteBuffer(bytes: [first, second]), context)
            case .awaitingStatus:
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

    /// Passes the method reply and any later bytes on to the client.
    private func finish(_ reply: ByteBuffer, _ context: ChannelHandlerContext) {
        state = .done
        var reply = reply
        reply.writeBuffer(&received)
        context.fireChannelRead(wrapInboundOut(reply))
        context.fireChannelReadComplete()
    }

    private func sendCredentials(_ context: ChannelHandlerContext) {
        var request = ByteBuffer(bytes: [1])
        for part in [credentials.user, credentials.password] {
            // `Proxy` rejects longer values when parsing, but its properties can be set to them.
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
