import NIOCore

/// A pipe that the event loop reads from.
final class PipeSource: InputSource, ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let channel: any Channel
    private var take: ((Result<ByteBuffer?, any Error>) -> Void)?
    /// Chunks that were read but not requested: when the writer closes a pipe, all that it still holds arrives at once.
    private var chunks = CircularBuffer<ByteBuffer>()
    private var end: Result<ByteBuffer?, any Error>?

    init(_ channel: any Channel) {
        self.channel = channel
    }

    func read(_ take: @escaping (Result<ByteBuffer?, any Error>) -> Void) {
        if !chunks.isEmpty || end != nil {
            self.take = take
            // Deliver in a new event loop turn, to keep many chunks from nesting as many calls.
            channel.eventLoop.assumeIsolated().execute { self.deliver() }
        } else {
            self.take = take
            channel.read()
        }
    }

    func stop() {
        take = nil
        channel.close(promise: nil)
    }

    private func deliver() {
        guard let take else { return }
        if let chunk = chunks.popFirst() {
            self.take = nil
            take(.success(chunk))
        } else if let end {
            self.take = nil
            take(end)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        chunks.append(unwrapInboundIn(data))
        deliver()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end = .failure(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end = end ?? .success(nil)
        deliver()
    }
}
