import NIOCore

/// A handler that pauses accepting when the system has no resources for another connection, such as file descriptors.
///
/// Meanwhile the connected clients are served, and new ones wait.
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

    /// Handles the errors for exhausted resources; NIO closes the channel after others.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard context.channel.isActive else { return context.fireErrorCaught(error) }
        if !isPausing { onPause?(describe(error)) }
        isPausing = true
    }
}
