import NIOCore
import WebSocketProtocol

/// Turns a channel whose opening handshake is done into one that carries messages.
enum ProtocolSwitch {
    /// Takes the HTTP handlers out of the pipeline and puts those for messages in.
    ///
    /// - Parameters:
    ///   - channel: the channel, on its event loop, when the last part of the handshake has just been read.
    ///   - decoder: the HTTP decoder, which may hold bytes that came behind the handshake.
    ///   - others: the other handlers of the handshake.
    ///   - makeHandler: makes the connection's driver.
    /// - Returns: the channel, ready for messages.
    static func perform(
        on channel: any Channel,
        removing decoder: any RemovableChannelHandler,
        and others: [any RemovableChannelHandler],
        _ makeHandler: @escaping () -> EndpointHandler
    ) -> EventLoopFuture<NIOAsyncChannel<Arrival, Never>> {
        let pipeline = channel.pipeline.syncOperations
        let holding = HoldingHandler()
        do {
            try pipeline.addHandler(holding)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        for handler in others { pipeline.removeHandler(handler, promise: nil) }
        return pipeline.removeHandler(decoder).assumeIsolated().flatMapThrowing {
            try pipeline.addHandler(makeHandler())
            let wrapped = try NIOAsyncChannel<Arrival, Never>(
                wrappingChannelSynchronously: channel,
                configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: arrivalsKept))
            )
            holding.release()
            return wrapped
        }.nonisolated()
    }

    /// Arrivals kept for a reader that is behind, before the socket is no longer read.
    private static let arrivalsKept = 4
}

/// Holds what the HTTP decoder gives back until the decoder is gone: an answer written earlier would pass through the
/// decoder, which looks at what is written and knows nothing but HTTP.
private final class HoldingHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private var context: ChannelHandlerContext?
    private var held: [NIOAny] = []
    private var becameInactive = false

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        held.append(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        becameInactive = true
    }

    func release() {
        guard let context else { return }
        for data in held { context.fireChannelRead(data) }
        context.fireChannelReadComplete()
        if becameInactive { context.fireChannelInactive() }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
