import NIOCore
import NIOHTTP1
import WebSocketProtocol

/// A channel that carries messages, once its handshake is done.
struct MessageChannel: Sendable {
    let channel: any Channel
    let inbound: InboundStream
    let handler: NIOLoopBound<EndpointHandler>
}

/// The HTTP codec of an opening handshake, and its exchange for what carries messages.
///
/// The decoder leaves the pipeline a little after it was told to. Until then the end of the transport must not reach it,
/// or it drops the bytes that came behind the handshake; and nothing may be written, for it looks at what is written
/// and knows nothing but HTTP. Two handlers hold back what would lead to either.
struct UpgradePipeline {
    private let beforeDecoder = HoldingHandler(isHolding: false)
    private let decoder: any ChannelHandler & RemovableChannelHandler
    private let others: [any ChannelHandler & RemovableChannelHandler]

    /// Puts a codec into a pipeline.
    ///
    /// - Parameters:
    ///   - channel: the channel, on its event loop.
    ///   - encoder: what writes this side's half of the handshake.
    ///   - decoder: what reads the peer's half.
    ///   - observers: what sees the bytes before the decoder does.
    ///   - users: what stands behind the codec.
    /// - Throws: `ChannelError` when the channel is closed.
    init(
        on channel: any Channel,
        encoder: any ChannelHandler & RemovableChannelHandler,
        decoder: any ChannelHandler & RemovableChannelHandler,
        observers: [any ChannelHandler & RemovableChannelHandler] = [],
        users: [any ChannelHandler & RemovableChannelHandler]
    ) throws {
        self.decoder = decoder
        others = observers + [encoder] + users
        for handler in [beforeDecoder] + observers + [encoder, decoder] + users {
            try channel.pipeline.syncOperations.addHandler(handler)
        }
    }

    /// Takes the codec out of the pipeline and puts the driver of a connection in.
    ///
    /// - Parameters:
    ///   - channel: the channel, on its event loop, when the last part of the handshake has just been read.
    ///   - makeHandler: makes the driver.
    /// - Returns: the channel, ready for messages.
    func perform(
        on channel: any Channel,
        _ makeHandler: @escaping (InboundStream) -> EndpointHandler
    ) -> EventLoopFuture<MessageChannel> {
        perform(on: channel) {
            let inbound = InboundStream(channel.eventLoop)
            let handler = makeHandler(inbound)
            try channel.pipeline.syncOperations.addHandler(handler)
            return MessageChannel(
                channel: channel,
                inbound: inbound,
                handler: NIOLoopBound(handler, eventLoop: channel.eventLoop)
            )
        }
    }

    /// Takes the codec out of the pipeline and puts something else in.
    ///
    /// - Parameters:
    ///   - channel: the channel, on its event loop, when the last part of the handshake has just been read.
    ///   - install: puts it in.
    /// - Returns: what `install` returned, when what came meanwhile has been passed on.
    func perform<Result: Sendable>(
        on channel: any Channel,
        install: @escaping () throws -> Result
    ) -> EventLoopFuture<Result> {
        let pipeline = channel.pipeline.syncOperations
        let behindDecoder = HoldingHandler(isHolding: true)
        do {
            try pipeline.addHandler(behindDecoder)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        beforeDecoder.isHolding = true
        for handler in others { pipeline.removeHandler(handler, promise: nil) }
        return pipeline.removeHandler(decoder).assumeIsolated().flatMapThrowing {
            let result = try install()
            behindDecoder.release()
            beforeDecoder.release()
            return result
        }.nonisolated()
    }
}

/// Holds back what is read, and the end of the transport, until it is released.
private final class HoldingHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    var isHolding: Bool
    private var context: ChannelHandlerContext?
    private var held: [NIOAny] = []
    private var heldInactive = false

    init(isHolding: Bool) {
        self.isHolding = isHolding
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isHolding {
            held.append(data)
        } else {
            context.fireChannelRead(data)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isHolding {
            heldInactive = true
        } else {
            context.fireChannelInactive()
        }
    }

    /// Passes on what was held, and leaves the pipeline.
    func release() {
        guard let context else { return }
        isHolding = false
        for data in held { context.fireChannelRead(data) }
        if !held.isEmpty { context.fireChannelReadComplete() }
        if heldInactive { context.fireChannelInactive() }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
