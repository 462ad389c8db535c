import NIOCore
import WebSocketProtocol

/// What the user of a connection hands down the pipeline.
enum Outgoing: Sendable {
    case batch(MessageBatch)
    case close(CloseFrame, within: TimeAmount?)
}

/// Drives an `Endpoint` on the event loop: pings and Close frames are answered here, whoever reads the messages.
final class EndpointHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Arrival
    typealias OutboundIn = Outgoing
    typealias OutboundOut = ByteBuffer

    /// How long a client waits for the server to end the transport after both Close frames (RFC 6455, section 7.1.1).
    static let lingerTime: TimeAmount = .seconds(1)

    private var endpoint: Endpoint
    private let closeTimeout: TimeAmount
    private let statistics: SharedStatistics
    /// When something last came, or was taken.
    private var lastProgress = NIODeadline.now()
    private var isEndingTransport = false
    private var transportError: (any Error)?
    private var hasEnded = false
    private var timer: Scheduled<Void>?
    /// What came and is not yet looked at: it is when the reader wants more.
    private var held = ByteBuffer()

    init(endpoint: Endpoint, closeTimeout: TimeAmount, statistics: SharedStatistics) {
        self.endpoint = endpoint
        self.closeTimeout = closeTimeout
        self.statistics = statistics
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if held.readableBytes > 0 {
            held.writeBuffer(&buffer)
        } else {
            held = buffer
            receive(context)
        }
    }

    func read(context: ChannelHandlerContext) {
        guard held.readableBytes > 0 else { return context.read() }
        receive(context)
        context.fireChannelReadComplete()
        guard held.readableBytes > 0 else { return context.read() }
        // From the pipeline's end again, where it waits until the reader wants more.
        let channel = context.channel
        context.eventLoop.execute { channel.read() }
    }

    private func receive(_ context: ChannelHandlerContext) {
        lastProgress = .now()
        let received = endpoint.receive(&held)
        let flushed = flushOutput(context)
        if endpoint.expectsTransportEnd { endTransport(context, after: flushed) }
        statistics.count(received: received.batch, wireBytes: endpoint.wirePayload.received)
        let ending = received.end.map { _ in endingOfEndpoint }
        if !received.batch.isEmpty || ending != nil { deliver(received.batch, ending, context) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .batch(let batch):
            do throws(SendError) {
                try endpoint.send(batch)
            } catch {
                promise?.fail(error)
                return
            }
            statistics.count(sent: batch, wireBytes: endpoint.wirePayload.sent)
        case .close(let frame, let limit):
            endpoint.close(frame)
            if let limit { giveUp(context, in: limit) }
        }
        let flushed = flushOutput(context)
        flushed.cascade(to: promise)
        if endpoint.expectsTransportEnd {
            endTransport(context, after: flushed)
        } else if case .closing = endpoint.state {
            watchForSilence(context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        endpoint.isCongested = !context.channel.isWritable
        flushOutput(context)
        context.fireChannelWritabilityChanged()
    }

    @discardableResult
    private func flushOutput(_ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        guard let output = endpoint.takeOutput() else { return context.eventLoop.makeSucceededVoidFuture() }
        return context.writeAndFlush(wrapOutboundOut(output))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        transportError = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        while held.readableBytes > 0 { receive(context) }
        timer?.cancel()
        deliver(MessageBatch(), endingOfEndpoint, context)
        context.fireChannelInactive()
    }

    /// How the connection ended, when it has ended now.
    private var endingOfEndpoint: Ending {
        switch endpoint.state {
        case .open: .lost(reason: transportError.map(describe), whileClosing: false)
        case .closing: .lost(reason: transportError.map(describe), whileClosing: true)
        case .ending(.close(let frame)): .closed(frame, answering: nil)
        case .ending(.violation(let violation)): .violation(violation)
        case .closed(let frame, let sent): .closed(frame, answering: sent)
        case .failed(let violation): .violation(violation)
        }
    }

    private func deliver(_ batch: MessageBatch, _ ending: Ending?, _ context: ChannelHandlerContext) {
        guard !hasEnded else { return }
        hasEnded = ending != nil
        context.fireChannelRead(wrapInboundOut(Arrival(batch: batch, time: .now(), ending: ending)))
        if hasEnded { context.fireChannelReadComplete() }
    }

    /// Ends the transport: a server when its Close frame is out, a client when the server did. Neither waits for ever.
    private func endTransport(_ context: ChannelHandlerContext, after flushed: EventLoopFuture<Void>) {
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
            flushed.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            watchForSilence(context)
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
        // Not `timer`, which arrivals put off.
        context.eventLoop.assumeIsolated().scheduleTask(in: limit) { self.giveUp(context, after: limit) }
    }

    private func giveUp(_ context: ChannelHandlerContext, after limit: TimeAmount) {
        deliver(MessageBatch(), .closeTimedOut(after: limit), context)
        context.close(promise: nil)
    }

    private func bytesPending(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
