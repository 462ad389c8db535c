import NIOCore
import NIOPosix

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Standard input that is a pipe, read by the event loop that sends what it reads: a line is on its way without another
/// thread.
///
/// Linux opens a pipe anew under `/proc`, so that it can be read without blocking while others who share the descriptor
/// find it as it was.
struct PipedInput {
    private let channel: any Channel
    private let reader: NIOLoopBound<InputReader>

    /// Opens standard input on an event loop; nil when it is no pipe or can't be opened so, and is to be read otherwise.
    init?(on loop: any EventLoop) async {
        #if os(Linux)
        var status = stat()
        guard fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return nil }
        let descriptor = open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        do {
            (channel, reader) = try await NIOPipeBootstrap(group: loop)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 65536, maximum: 262144)
                )
                .channelOption(.maxMessagesPerRead, value: 1)
                .takingOwnershipOfDescriptor(input: descriptor) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let reader = InputReader()
                        try channel.pipeline.syncOperations.addHandler(reader)
                        return (channel, NIOLoopBound(reader, eventLoop: channel.eventLoop))
                    }
                }
        } catch {
            close(descriptor)
            return nil
        }
        #else
        return nil
        #endif
    }

    /// Waits for input; on the event loop.
    ///
    /// - Returns: what has come, or nil at its end or after `stop`.
    /// - Throws: what the system says when it can't be read.
    func read() async throws -> ByteBuffer? {
        try await reader.value.next()
    }

    /// Lets what comes while somebody waits for it be taken at once; on the event loop.
    ///
    /// - Parameter take: returns false to leave it to who waits; nil for nothing.
    func takeAtOnce(_ take: ((ByteBuffer) -> Bool)?) {
        reader.value.takesAtOnce = take
    }

    /// Ends the reading.
    func stop() {
        channel.close(promise: nil)
    }
}

/// What has been read, for one reader on the event loop; while something waits for it, nothing more is read.
///
/// `NIOAsyncChannel`'s sequence does the same for elements of any type, and takes longer over a line than sending it does.
private final class InputReader: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never

    private var context: ChannelHandlerContext?
    /// At the end of the input there may be more than one: all that is left is read then.
    private var waiting = CircularBuffer<ByteBuffer>()
    private var reader: UnsafeContinuation<ByteBuffer?, any Error>?
    /// Whether a read was held back, to be made up for when nothing waits.
    private var owesRead = false
    private var failure: (any Error)?
    /// Is asked to take what comes while the reader waits for it, so that no task has to be woken.
    var takesAtOnce: ((ByteBuffer) -> Bool)?

    /// Waits for more.
    ///
    /// - Returns: what has been read, or nil at the end.
    /// - Throws: what the system says of an input that can't be read.
    func next() async throws -> ByteBuffer? {
        if let chunk = waiting.popFirst() {
            if waiting.isEmpty, owesRead {
                owesRead = false
                context?.read()
            }
            return chunk
        }
        if let failure { throw failure }
        guard context != nil else { return nil }
        return try await withUnsafeThrowingContinuation { reader = $0 }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let chunk = unwrapInboundIn(data)
        if reader != nil, let takesAtOnce, takesAtOnce(chunk) { return }
        if let reader = reader.take() {
            reader.resume(returning: chunk)
        } else {
            waiting.append(chunk)
        }
    }

    func read(context: ChannelHandlerContext) {
        if waiting.isEmpty {
            context.read()
        } else {
            owesRead = true
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
    }

    private func finish() {
        context = nil
        guard let reader = reader.take() else { return }
        if let failure {
            reader.resume(throwing: failure)
        } else {
            reader.resume(returning: nil)
        }
    }
}
