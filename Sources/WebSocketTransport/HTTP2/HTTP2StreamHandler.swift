import NIOCore
import NIOHTTP2

/// A handler that makes an HTTP/2 stream a channel of bytes (RFC 8441, section 5): DATA frames carry the bytes,
/// END_STREAM is the end of the transport, and RST_STREAM its reset.
final class HTTP2StreamHandler: ChannelDuplexHandler, OutputBuffer {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// How long to wait for the end of the stream after END_STREAM; a reset could discard the Close frame.
    private static let lingerTime: TimeAmount = .seconds(1)

    private(set) var bytesPending = 0
    /// The number of the stream.
    let stream: Int
    private let isServer: Bool
    private let connection: HTTP2ConnectionHandler
    private var hasReceivedEnd = false
    private var hasSentEnd = false

    /// Creates a handler for a stream after the opening handshake.
    ///
    /// - Parameters:
    ///   - stream: the number of the stream.
    ///   - connection: the handler of the connection.
    ///   - isServer: whether this end is the server.
    init(_ stream: Int, of connection: HTTP2ConnectionHandler, isServer: Bool) {
        (self.stream, self.connection, self.isServer) = (stream, connection, isServer)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        connection.counter.add(stream: stream)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        connection.counter.remove(stream: stream)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let isEnd: Bool
        switch unwrapInboundIn(data) {
        case .data(let data):
            connection.counter.didRead(stream: stream)
            if case .byteBuffer(let bytes) = data.data, bytes.readableBytes > 0 {
                context.fireChannelRead(wrapInboundOut(bytes))
            }
            isEnd = data.endStream
        case .headers(let trailers): isEnd = trailers.endStream
        default: isEnd = false
        }
        guard isEnd else { return }
        hasReceivedEnd = true
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = unwrapOutboundIn(data)
        let size = bytes.readableBytes
        bytesPending += size
        let promise = promise ?? context.eventLoop.makePromise()
        promise.futureResult.assumeIsolated().whenComplete { _ in self.bytesPending -= size }
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(bytes)))), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard context.channel.isActive, isServer || hasReceivedEnd, !hasSentEnd else {
            return context.close(mode: mode, promise: promise)
        }
        context.channel.closeFuture.cascade(to: promise)
        // The peer may have stopped reading, so that the end is never sent.
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) { context.close(promise: nil) }
        sendEnd(context)
    }

    private func sendEnd(_ context: ChannelHandlerContext) {
        hasSentEnd = true
        let end = HTTP2Frame.FramePayload.Data(data: .byteBuffer(ByteBuffer()), endStream: true)
        context.writeAndFlush(wrapOutboundOut(.data(end)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(connection.fault ?? HTTP2Fault(error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let fault = connection.fault { context.fireErrorCaught(fault) }
        context.fireChannelInactive()
    }
}

extension HTTP2StreamHandler {
    /// Replaces the handlers of the opening handshake with those of messages.
    ///
    /// - Parameters:
    ///   - codec: the type of the handshake's codec.
    ///   - user: the type of the handler after it.
    ///   - stream: the stream, on whose event loop the handshake has just succeeded.
    ///   - connection: the handler of the connection.
    ///   - isServer: whether this end is the server.
    ///   - makeHandler: a closure that creates the handler of messages.
    /// - Returns: the number of the stream, and the channel, ready for messages.
    /// - Throws: `ChannelError` when the stream is closed.
    static func replace<Codec: RemovableChannelHandler, User: RemovableChannelHandler>(
        _ codec: Codec.Type,
        _ user: User.Type,
        on stream: any Channel,
        of connection: HTTP2ConnectionHandler,
        isServer: Bool,
        _ makeHandler: (InboundStream, HTTP2StreamHandler) -> EndpointHandler
    ) throws -> (stream: Int, channel: MessageChannel) {
        let pipeline = stream.pipeline.syncOperations
        for context in [try pipeline.context(handlerType: codec), try pipeline.context(handlerType: user)] {
            pipeline.removeHandler(context: context, promise: nil)
        }
        let number = try stream.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID)
        let bytes = HTTP2StreamHandler(number.map { Int($0) } ?? 0, of: connection, isServer: isServer)
        try pipeline.addHandler(bytes)
        return (bytes.stream, try MessageChannel(on: stream) { makeHandler($0, bytes) })
    }
}
