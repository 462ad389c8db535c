import NIOCore
import WebSocketProtocol

/// A handler that counts the bytes that the system has not accepted, for a channel that does not report them.
protocol OutputBuffer: AnyObject {
    var bytesPending: Int { get }
}

/// A channel handler that runs an `Endpoint` on the event loop, which responds to pings and Close frames without the
/// reader.
final class EndpointHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// How long a client waits for the server to close the transport after the closing handshake (RFC 6455, section
    /// 7.1.1).
    static let lingerTime: TimeAmount = .seconds(1)

    private var endpoint: Endpoint
    private let inbound: InboundStream
    private let closeTimeout: TimeAmount
    private let statistics: SharedStatistics
    /// The handler that counts pending bytes; nil if the channel reports them.
    private let output: (any OutputBuffer)?
    /// The time when bytes were last received, or accepted by the system.
    private var lastProgress = NIODeadline.now()
    private var isEndingTransport = false
    private var transportError: (any Error)?
    private var hasEnded = false
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var transportHasEnded = false
    /// Whether the peer sends no more bytes but still receives, which is possible with HTTP/2 only.
    private var inputHasEnded = false
    /// A promise that succeeds when the system has accepted all output of messages that are framed in parts.
    private var drained: EventLoopPromise<Void>?
    private var isFlushing = false
    /// Received bytes that are not decoded yet because the reader is slow.
    private var held = ByteBuffer()

    init(
        endpoint: Endpoint,
        inbound: InboundStream,
        closeTimeout: TimeAmount,
        statistics: SharedStatistics,
        output: (any OutputBuffer)? = nil
    ) {
        self.endpoint = endpoint
        self.output = output
        self.inbound = inbound
        self.closeTimeout = closeTimeout
        self.statistics = statistics
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        inbound.setDemand { [weak self] in self?.readMore() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if held.readableBytes > 0 {
            held.writeBuffer(&buffer)
        } else {
            held = buffer
            receive()
        }
    }

    func read(context: ChannelHandlerContext) {
        guard inbound.takesMore() else { return }
        guard held.readableBytes > 0 else { return context.read() }
        receive()
        guard held.readableBytes > 0 else { return context.read() }
        // Give other channels a turn before decoding the rest.
        let channel = context.channel
        context.eventLoop.execute { channel.read() }
    }

    private func readMore() {
        if transportHasEnded { drain() } else { context?.channel.read() }
    }

    private func receive() {
        lastProgress = .now()
        let received = endpoint.receive(&held)
        // The channel reuses the buffer's memory once nothing else refers to it.
        if held.readableBytes == 0 { held = ByteBuffer() }
        if let context, !transportHasEnded {
            let flushed = flushOutput(context)
            if endpoint.expectsTransportEnd { endTransport(context, after: flushed) }
        }
        statistics.count(received: received.batch, at: lastProgress, wireBytes: endpoint.wirePayload.received)
        let outcome = received.end.map { _ in currentOutcome }
        if !received.batch.isEmpty || outcome != nil { deliver(received.batch, at: lastProgress, outcome) }
        endAfterInput()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
        inputHasEnded = true
        endAfterInput()
    }

    /// Closes the transport after the peer's last bytes, unless the response to its Close frame is still to be sent.
    private func endAfterInput() {
        guard inputHasEnded, held.readableBytes == 0 else { return }
        if case .ending = endpoint.state { return }
        // A server closes the transport once its Close frame is written.
        if endpoint.role == .client || !isEndingTransport { context?.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        drained?.fail(ChannelError.ioOnClosedChannel)
        drained = nil
        transportHasEnded = true
        drain()
        context.fireChannelInactive()
    }

    /// Decodes the bytes received before the transport ended, no faster than the reader accepts them.
    private func drain() {
        while held.readableBytes > 0 {
            guard inbound.takesMore() else { return }
            receive()
        }
        deliver(MessageBatch(), at: .now(), currentOutcome)
    }

    // MARK: Sending

    /// Sends a batch.
    ///
    /// - Returns: nil when the system has already accepted it; otherwise a future that succeeds when it has.
    /// - Throws: `SendError`, or `ChannelError` when the transport has ended.
    func send(_ batch: MessageBatch) throws -> EventLoopFuture<Void>? {
        guard let context else { throw ChannelError.ioOnClosedChannel }
        try endpoint.send(batch)
        statistics.count(sent: batch, wireBytes: endpoint.wirePayload.sent)
        return flushOutput(context)
    }

    /// Starts the closing handshake, and ends the connection after the time limit, if there is one.
    func close(_ frame: CloseFrame, within limit: TimeAmount?) {
        guard let context else { return }
        endpoint.close(frame)
        if let limit { giveUp(context, in: limit) }
        let flushed = flushOutput(context)
        if endpoint.expectsTransportEnd {
            endTransport(context, after: flushed)
        } else if case .closing = endpoint.state {
            watchForSilence(context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        endpoint.isCongested = !context.channel.isWritable
        // This method is also called from within `flushOutput`, for a write that completes immediately.
        if context.channel.isWritable, !isFlushing {
            let flushed = flushOutput(context)
            if endpoint.expectsTransportEnd { endTransport(context, after: flushed) }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Writes output as long as the system accepts it; `channelWritabilityChanged` writes the rest.
    ///
    /// - Returns: nil when the system has accepted everything; otherwise a future that succeeds when it has.
    private func flushOutput(_ context: ChannelHandlerContext) -> EventLoopFuture<Void>? {
        isFlushing = true
        defer { isFlushing = false }
        var flushed = writeOutput(context)
        while flushed == nil, endpoint.hasOutput { flushed = writeOutput(context) }
        if endpoint.hasOutput, context.channel.isActive {
            let drained = drained ?? context.eventLoop.makePromise()
            self.drained = drained
            return drained.futureResult
        }
        if let drained {
            (flushed ?? context.eventLoop.makeSucceededVoidFuture()).cascade(to: drained)
            self.drained = nil
        }
        return flushed
    }

    private func writeOutput(_ context: ChannelHandlerContext) -> EventLoopFuture<Void>? {
        guard let output = endpoint.takeOutput() else { return nil }
        let flushed = context.writeAndFlush(wrapOutboundOut(output))
        return flushed.hasSucceeded ? nil : flushed
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        transportError = error
        context.close(promise: nil)
    }

    /// The outcome of the connection, assuming that it ends now.
    private var currentOutcome: CloseOutcome {
        switch endpoint.state {
        case .open: .lost(reason: transportError.map(describe), whileClosing: false)
        case .closing: .lost(reason: transportError.map(describe), whileClosing: true)
        case .ending(.close(let frame)): .closed(frame, answering: nil)
        case .ending(.violation(let violation)): .violation(violation)
        case .closed(let frame, let sent): .closed(frame, answering: sent)
        case .failed(let violation): .violation(violation)
        }
    }

    private func deliver(_ batch: MessageBatch, at time: NIODeadline, _ outcome: CloseOutcome?) {
        guard !hasEnded else { return }
        hasEnded = outcome != nil
        inbound.append(Inbound(batch: batch, time: time, outcome: outcome))
        if hasEnded { inbound.finish() }
    }

    /// Closes the transport: a server once its Close frame is written, a client when the server has ended its side or a
    /// time limit has passed.
    private func endTransport(_ context: ChannelHandlerContext, after flushed: EventLoopFuture<Void>?) {
        guard !isEndingTransport else { return }
        isEndingTransport = true
        timer?.cancel()
        timer = nil
        switch endpoint.role {
        case .client where !inputHasEnded:
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) {
                context.close(promise: nil)
            }
        case .client, .server:
            watchForSilence(context)
            let flushed = flushed ?? context.eventLoop.makeSucceededVoidFuture()
            flushed.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        }
    }

    /// Ends the connection when the peer neither sends nor accepts anything within `closeTimeout`.
    private func watchForSilence(_ context: ChannelHandlerContext) {
        guard timer == nil else { return }
        lastProgress = .now()
        check(context, after: closeTimeout, bytesPending: bytesPending(context))
    }

    private func check(_ context: ChannelHandlerContext, after delay: TimeAmount, bytesPending: Int) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            let stillPending = self.bytesPending(context)
            if stillPending < bytesPending { self.lastProgress = .now() }
            let silence = NIODeadline.now() - self.lastProgress
            guard silence >= self.closeTimeout else {
                self.check(context, after: self.closeTimeout - silence, bytesPending: stillPending)
                return
            }
            self.giveUp(context, after: self.closeTimeout)
        }
    }

    private func giveUp(_ context: ChannelHandlerContext, in limit: TimeAmount) {
        // This does not use `timer`, which is rescheduled whenever bytes arrive.
        context.eventLoop.assumeIsolated().scheduleTask(in: limit) { self.giveUp(context, after: limit) }
    }

    private func giveUp(_ context: ChannelHandlerContext, after limit: TimeAmount) {
        deliver(MessageBatch(), at: .now(), .closeTimedOut(after: limit))
        context.close(promise: nil)
    }

    /// The number of bytes that the system has not accepted yet.
    var bytesPending: Int { context.map(bytesPending) ?? 0 }

    private func bytesPending(_ context: ChannelHandlerContext) -> Int {
        let written =
            output?.bytesPending ?? (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return endpoint.bytesToFrame + written
    }
}

extension EventLoopFuture<Void> {
    /// Whether the future has already succeeded. Access it on the event loop.
    fileprivate var hasSucceeded: Bool {
        var hasSucceeded = false
        assumeIsolated().whenSuccess { hasSucceeded = true }
        return hasSucceeded
    }
}
