import NIOCore

/// Waits a while when the system has no room for another connection, such as no file descriptor left; the clients that
/// there are go on, and those that come wait.
final class AcceptPause: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private static let pause: TimeAmount = .milliseconds(100)

    private let onPause: (@Sendable (String) -> Void)?
    private var isPausing = false

    init(onPause: (@Sendable (String) -> Void)?) {
        self.onPause = onPause
    }

    func read(context: ChannelHandlerContext) {
        guard isPausing else { return context.read() }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isPausing = false
        context.fireChannelRead(data)
    }

    /// The system's errors for no room; NIO closes the channel for others by itself.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard context.channel.isActive else { return context.fireErrorCaught(error) }
        if !isPausing { onPause?(describe(error)) }
        isPausing = true
    }
}
