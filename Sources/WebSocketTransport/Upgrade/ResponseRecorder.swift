import NIOCore

/// Keeps the start of what a server answers, for telling what is wrong with it, and bounds how long it may be.
final class ResponseRecorder: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// The most bytes of an answer's head, status lines and headers of 1xx answers included.
    static let maximumHeadSize = 256 << 10
    /// How much is kept for an error message.
    private static let keptSize = 128 << 10

    /// The first bytes of the answer.
    private(set) var start = ByteBuffer()
    private var count = 0
    private var isWatching = true

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        count += bytes.readableBytes
        let room = Self.keptSize - start.readableBytes
        if let part = bytes.readSlice(length: min(room, bytes.readableBytes)) { start.writeImmutableBuffer(part) }
        context.fireChannelRead(data)
        // What was passed on may have ended the head; then frames follow, or a body.
        if isWatching, count > Self.maximumHeadSize { context.fireErrorCaught(ResponseFault.tooLong) }
    }

    /// Ends the watch over the length: the head is complete.
    func headEnded() {
        isWatching = false
        start = ByteBuffer()
    }
}
