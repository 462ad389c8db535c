import NIOCore
import NIOHTTP1
import WebSocketProtocol

/// A channel that carries messages, after the opening handshake.
struct MessageChannel: Sendable {
    let channel: any Channel
    let inbound: InboundStream
    let handler: NIOLoopBound<EndpointHandler>

    /// Adds the handler of messages to a channel of bytes.
    ///
    /// - Parameters:
    ///   - channel: the channel. Call the initializer on its event loop.
    ///   - makeHandler: a closure that creates the handler.
    /// - Throws: `ChannelError` when the channel is closed.
    init(on channel: any Channel, _ makeHandler: (InboundStream) -> EndpointHandler) throws {
        self.channel = channel
        inbound = InboundStream(channel.eventLoop)
        let handler = makeHandler(inbound)
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}

/// A pipeline with an HTTP codec for the opening handshake, which is then replaced by the handler of messages.
///
/// NIO removes the decoder asynchronously. Until then, the end of the transport must not reach the decoder, which would
/// drop the bytes after the handshake, and nothing may be written, because the decoder only knows HTTP. Two handlers
/// hold back the events that would cause either.
struct UpgradePipeline {
    private let beforeDecoder = HoldingHandler(isHolding: false)
    private let decoder: any ChannelHandler & RemovableChannelHandler
    private let others: [any ChannelHandler & RemovableChannelHandler]

    /// Adds a codec to a pipeline.
    ///
    /// - Parameters:
    ///   - channel: the channel. Call the initializer on its event loop.
    ///   - encoder: the encoder of this side's part of the handshake.
    ///   - decoder: the decoder of the peer's part.
    ///   - observers: handlers that see the bytes before the decoder.
    ///   - users: handlers after the codec.
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

    /// Replaces the codec with the handler of a connection.
    ///
    /// - Parameters:
    ///   - channel: the channel, on whose event loop the last part of the handshake has just been read.
    ///   - makeHandler: a closure that creates the handler.
    /// - Returns: the channel, ready for messages.
    func perform(
        on channel: any Channel,
        _ makeHandler: @escaping (InboundStream) -> EndpointHandler
    ) -> EventLoopFuture<MessageChannel> {
        perform(on: channel) { try MessageChannel(on: channel, makeHandler) }
    }

    /// Replaces the codec with other handlers.
    ///
    /// - Parameters:
    ///   - channel: the channel, on whose event loop the last part of the handshake has just been read.
    ///   - first: bytes that have been read already and are meant for the other handlers.
    ///   - install: a closure that adds the handlers.
    /// - Returns: the result of `install`, after the bytes that arrived meanwhile have been passed on.
    func perform<Result: Sendable>(
        on channel: any Channel,
        rereading first: ByteBuffer? = nil,
        install: @escaping () throws -> Result
    ) -> EventLoopFuture<Result> {
        let pipeline = channel.pipeline.syncOperations
        let behindDecoder = HoldingHandler(isHolding: true)
        do {
            try pipeline.addHandler(behindDecoder)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        beforeDecoder.hold(first)
        for handler in others { pipeline.removeHandler(handler, promise: nil) }
        return pipeline.removeHandler(decoder).assumeIsolated().flatMapThrowing {
            let result = try install()
            behindDecoder.release()
            beforeDecoder.release()
            return result
        }.nonisolated()
    }
}

/// A handler that holds back incoming bytes and the end of the transport until it is released.
final class HoldingHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var isHolding: Bool
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

    /// Holds back the bytes from now on, after the first ones.
    func hold(_ first: ByteBuffer?) {
        isHolding = true
        if let first { held.append(wrapInboundOut(first)) }
    }

    /// Passes on the held events and leaves the pipeline.
    func release() {
        guard let context else { return }
        isHolding = false
        for data in held { context.fireChannelRead(data) }
        if !held.isEmpty { context.fireChannelReadComplete() }
        if heldInactive { context.fireChannelInactive() }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
