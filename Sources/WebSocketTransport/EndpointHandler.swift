import NIOCore
import WebSocketProtocol

/// Drives an `Endpoint` on the event loop: pings and Close frames are answered here, whoever reads the messages.
final class EndpointHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// How long a client waits for the server to end the transport after both Close frames (RFC 6455, section 7.1.1).
    static let lingerTime: TimeAmount = .seconds(1)

    private var endpoint: Endpoint
    private let inbound: InboundStream
    private let closeTimeout: TimeAmount
    private let statistics: SharedStatistics
    /// When something last came, or was taken.
    private var lastProgress = NIODeadline.now()
    private var isEndingTransport = false
    private var transportError: (any Error)?
    private var hasEnded = false
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var transportHasEnded = false
    /// Succeeds when the system has taken the last output of a message that is framed piece by piece.
    private var drained: EventLoopPromise<Void>?
    private var isFlushing = false
    /// Bytes that arrived and are not decoded yet: the reader is behind.
    private var held = ByteBuffer()

    init(endpoint: Endpoint, inbound: InboundStream, closeTimeout: TimeAmount, statistics: SharedStatistics) {
        self.endpoint = endpoint
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
        // Others have their turn on the event loop before the rest.
        let channel = context.channel
        context.eventLoop.execute { channel.read() }
    }

    private func readMore() {
        if transportHasEnded { drain() } else { context?.channel.read() }
    }

    private func receive() {
        lastProgress = .now()
        let received = endpoint.receive(&held)
        // The channel reads into it again when nobody holds it.
        if held.readableBytes == 0 { held = ByteBuffer() }
        if let context, !transportHasEnded {
            let flushed = flushOutput(context)
            if endpoint.expectsTransportEnd { endTransport(context, after: flushed) }
        }
        statistics.count(received: received.batch, at: lastProgress, wireBytes: endpoint.wirePayload.received)
        let ending = received.end.map { _ in endingOfEndpoint }
        if !received.batch.isEmpty || ending != nil { deliver(received.batch, at: lastProgress, ending) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        drained?.fail(ChannelError.ioOnClosedChannel)
        drained = nil
        transportHasEnded = true
        drain()
        context.fireChannelInactive()
    }

    /// Decodes what arrived before the transport ended, no faster than the reader takes it.
    private func drain() {
        while held.readableBytes > 0 {
            guard inbound.takesMore() else { return }
            receive()
        }
        deliver(MessageBatch(), at: .now(), endingOfEndpoint)
    }

    // MARK: Sending

    /// Sends a batch.
    ///
    /// - Returns: nil when the system has taken it, else what succeeds when it has.
    /// - Throws: `SendError`, or `ChannelError` when the transport has ended.
    func send(_ batch: MessageBatch) throws -> EventLoopFuture<Void>? {
        guard let context else { throw ChannelError.ioOnClosedChannel }
        try endpoint.send(batch)
        statistics.count(sent: batch, wireBytes: endpoint.wirePayload.sent)
        return flushOutput(context)
    }

    /// Begins the closing handshake, and gives the peer up after the time limit, if there is one.
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
        // A write that the system takes at once changes it too, inside of `flushOutput`.
        if context.channel.isWritable, !isFlushing {
            let flushed = flushOutput(context)
            if endpoint.expectsTransportEnd { endTransport(context, after: flushed) }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Writes output for as long as the system takes it; `channelWritabilityChanged` writes the rest.
    ///
    /// - Returns: nil when the system has taken all, else a future that succeeds when it has.
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

    /// How the connection ended, when it has ended now.
    private var endingOfEndpoint: CloseOutcome {
        switch endpoint.state {
        case .open: .lost(reason: transportError.map(describe), whileClosing: false)
        case .closing: .lost(reason: transportError.map(describe), whileClosing: true)
        case .ending(.close(let frame)): .closed(frame, answering: nil)
        case .ending(.violation(let violation)): .violation(violation)
        case .closed(let frame, let sent): .closed(frame, answering: sent)
        case .failed(let violation): .violation(violation)
        }
    }

    private func deliver(_ batch: MessageBatch, at time: NIODeadline, _ ending: CloseOutcome?) {
        guard !hasEnded else { return }
        hasEnded = ending != nil
        inbound.append(Inbound(batch: batch, time: time, outcome: ending))
        if hasEnded { inbound.finish() }
    }

    /// Ends the transport: a server when its Close frame is out, a client when the server did. Neither waits for ever.
    private func endTransport(_ context: ChannelHandlerContext, after flushed: EventLoopFuture<Void>?) {
        guard !isEndingTransport else { return }
        isEndingTransport = true
        timer?.cancel()
        timer = nil
        switch endpoint.role {
        case .client:
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) {
                context.close(promise: nil)
            }
        case .server:
            watchForSilence(context)
            let flushed = flushed ?? context.eventLoop.makeSucceededVoidFuture()
            flushed.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        }
    }

    /// Gives the peer up when, for the time limit, nothing has come from it and it has taken nothing of ours.
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
        // Not `timer`, which inbound put off.
        context.eventLoop.assumeIsolated().scheduleTask(in: limit) { self.giveUp(context, after: limit) }
    }

    private func giveUp(_ context: ChannelHandlerContext, after limit: TimeAmount) {
        deliver(MessageBatch(), at: .now(), .closeTimedOut(after: limit))
        context.close(promise: nil)
    }

    /// The bytes that the system has not taken yet.
    var bytesPending: Int { context.map(bytesPending) ?? 0 }

    private func bytesPending(_ context: ChannelHandlerContext) -> Int {
        endpoint.bytesToFrame + ((try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0)
    }
}

extension EventLoopFuture<Void> {
    /// Whether it has succeeded already. To be asked on the event loop.
    fileprivate var hasSucceeded: Bool {
        var hasSucceeded = false
        assumeIsolated().whenSuccess { hasSucceeded = true }
        return hasSucceeded
    }
}
