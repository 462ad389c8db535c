import NIOCore
import NIOHTTP2

/// A handler at the end of an HTTP/2 connection's pipeline that counts the streams, and closes the connection after an
/// error or when it is no longer needed.
final class HTTP2ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// The handler that counts unread frames.
    let counter: HTTP2FrameCounter
    private let idleTime: TimeAmount
    /// A promise for the peer's first settings, which fails with `HTTP2Failure.notHTTP2`, `HTTP2Fault` or
    /// `ChannelError`.
    private var settings: EventLoopPromise<HTTP2Settings>?
    private var context: ChannelHandlerContext?
    private var streams = 0
    /// The maximum number of streams that the peer allows.
    private var maximumStreams = Int.max
    private var isDraining = false
    private var idleTimer: Scheduled<Void>?
    private var goAway: HTTP2ErrorCode?
    private var error: HTTP2Fault?

    /// Creates the handler of a connection.
    ///
    /// - Parameters:
    ///   - counter: the handler before the codec.
    ///   - idleTime: the time after which a connection without streams is closed.
    ///   - settings: a promise for the peer's first settings, or nil.
    init(_ counter: HTTP2FrameCounter, idleTime: TimeAmount, settings: EventLoopPromise<HTTP2Settings>? = nil) {
        (self.counter, self.idleTime, self.settings) = (counter, idleTime, settings)
    }

    /// The reason why the connection has ended; nil if it has not, or if it ended normally.
    var fault: HTTP2Fault? { error ?? (goAway.flatMap { $0 == .noError ? nil : HTTP2Fault(goAway: $0) }) }

    /// Whether another stream can be opened.
    var takesStreams: Bool { isOpen && streams < maximumStreams }

    /// Whether streams can be opened, now or when others have ended.
    var isOpen: Bool { goAway == nil && context?.channel.isActive == true }

    /// Counts a stream until it is closed.
    func add(_ stream: any Channel) {
        streams += 1
        idleTimer?.cancel()
        stream.closeFuture.assumeIsolated().whenComplete { _ in
            self.streams -= 1
            self.watchForIdleness()
        }
    }

    /// Closes the connection as soon as it has no streams.
    func drain() {
        isDraining = true
        watchForIdleness()
    }

    private func watchForIdleness() {
        guard streams == 0, let context, context.channel.isActive else { return }
        idleTimer?.cancel()
        guard idleTime > .zero, goAway == nil, !isDraining else { return end() }
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: idleTime) { self.end() }
    }

    /// Ends a connection without streams.
    private func end() {
        guard let context, streams == 0, context.channel.isActive else { return }
        let payload = HTTP2Frame.FramePayload.goAway(lastStreamID: .rootStream, errorCode: .noError, opaqueData: nil)
        context.writeAndFlush(wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload)), promise: nil)
        context.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if idleTime > .zero { watchForIdleness() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        idleTimer?.cancel()
        settings.take()?.fail(ChannelError.eof)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data).payload {
        case .settings(.settings(let received)):
            if let limit = received.last(where: { $0.parameter == .maxConcurrentStreams }) {
                maximumStreams = limit.value
            }
            settings.take()?.succeed(received)
        case .goAway(_, let code, _):
            goAway = code
            watchForIdleness()
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        settings.take()?.fail(error ?? ChannelError.eof)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !HTTP2Fault.isAboutStream(error) else { return }
        if self.error == nil { self.error = HTTP2Fault(error) }
        settings.take()?.fail(error is any NIOHTTP2Error ? HTTP2Failure.notHTTP2 : error)
        context.close(promise: nil)
    }
}
