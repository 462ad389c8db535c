import NIOCore

/// A handler that keeps the start of a server's response for error messages, and limits the size of the response head.
final class ResponseRecorder: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// The maximum size of the response head, in bytes, including 1xx responses.
    static let maximumHeadSize = 256 << 10
    /// The number of bytes to keep for error messages.
    private static let keptSize = 128 << 10

    /// The first bytes of the response.
    private(set) var start = ByteBuffer()
    private var count = 0
    private var isWatching = true

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        count += bytes.readableBytes
        let room = Self.keptSize - start.readableBytes
        if let part = bytes.readSlice(length: min(room, bytes.readableBytes)) { start.writeImmutableBuffer(part) }
        context.fireChannelRead(data)
        // Check after passing the bytes on, because they may have completed the head; frames or a body follow it.
        if isWatching, count > Self.maximumHeadSize { context.fireErrorCaught(ResponseFault.tooLong) }
    }

    /// Stops limiting the size, because the head is complete.
    func headEnded() {
        isWatching = false
        start = ByteBuffer()
    }
}
