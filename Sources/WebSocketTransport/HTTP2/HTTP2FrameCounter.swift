import NIOCore

/// A handler before the HTTP/2 codec that stops reading the connection while its streams have too many unread DATA
/// frames.
///
/// Flow control limits the bytes of a stream that nobody reads, but a frame with a single byte costs a hundred.
final class HTTP2FrameCounter: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never

    /// The maximum number of unread frames of all streams, which take about 8 MiB.
    private static let limit = 1 << 16
    private static let headerSize = 9

    private var context: ChannelHandlerContext?
    /// The number of unread frames of each stream.
    private var unread: [Int: Int] = [:]
    private var total = 0
    private var owesRead = false
    /// The bytes until the next frame header.
    private var rest: Int
    private var header = ByteBuffer()

    /// Creates a handler.
    ///
    /// - Parameter prefaceSize: the number of bytes before the first frame.
    init(prefaceSize: Int) {
        rest = prefaceSize
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    /// Counts the frames of a stream from now on, until `remove`.
    func add(stream: Int) {
        unread[stream] = 0
    }

    /// Stops counting the frames of a stream.
    func remove(stream: Int) {
        total -= unread.removeValue(forKey: stream) ?? 0
        readIfOwed()
    }

    /// Records that a stream has read a frame.
    func didRead(stream: Int) {
        // Frames from before `add` are not counted.
        guard let count = unread[stream], count > 0 else { return }
        unread[stream] = count - 1
        total -= 1
        readIfOwed()
    }

    func read(context: ChannelHandlerContext) {
        owesRead = total >= Self.limit
        if !owesRead { context.read() }
    }

    private func readIfOwed() {
        guard owesRead, total < Self.limit / 2 else { return }
        owesRead = false
        context?.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        while bytes.readableBytes > 0 {
            let skipped = min(rest, bytes.readableBytes)
            bytes.moveReaderIndex(forwardBy: skipped)
            rest -= skipped
            guard rest == 0, var part = bytes.readSlice(length: min(missing, bytes.readableBytes)) else { break }
            header.writeBuffer(&part)
            if missing == 0 { countFrame() }
        }
        context.fireChannelRead(data)
    }

    /// The number of bytes that the header of the next frame lacks.
    private var missing: Int { Self.headerSize - header.readableBytes }

    /// Counts the frame whose header is complete (RFC 9113, section 4.1).
    private func countFrame() {
        guard let start = header.readInteger(as: UInt32.self), header.readInteger(as: UInt8.self) != nil,
            let stream = header.readInteger(as: UInt32.self)
        else { return }
        header.clear()
        rest = Int(start >> 8)
        let number = Int(stream & 0x7FFF_FFFF)
        guard start & 0xFF == 0, let count = unread[number] else { return }
        unread[number] = count + 1
        total += 1
    }
}
