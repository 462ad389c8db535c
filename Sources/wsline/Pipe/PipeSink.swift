import NIOCore
import SystemPackage

/// A pipe that the event loop writes to.
final class PipeSink: OutputSink, ChannelInboundHandler {
    typealias InboundIn = Never

    /// The size in bytes of a buffer that must be written before the sink accepts more, since all of it stays in memory
    /// until then.
    private static let largeBuffer = 1 << 20

    weak var observer: (any SinkObserver)?
    private let channel: any Channel
    private var largeBuffers = 0

    init(_ channel: any Channel) {
        self.channel = channel
    }

    var isWritable: Bool { channel.isWritable && largeBuffers == 0 }

    func write(_ bytes: ByteBuffer) {
        let isLarge = bytes.readableBytes >= Self.largeBuffer
        if isLarge { largeBuffers += 1 }
        channel.writeAndFlush(bytes).assumeIsolated().whenComplete { result in
            if isLarge { self.wroteLargeBuffer() }
            if case .failure(let error) = result { self.observer?.sinkFailed(Self.systemCallError(error)) }
        }
    }

    private func wroteLargeBuffer() {
        largeBuffers -= 1
        if isWritable { observer?.sinkBecameWritable() }
    }

    func flush(_ done: @escaping () -> Void) {
        channel.writeAndFlush(ByteBuffer()).assumeIsolated().whenComplete { _ in done() }
    }

    /// Closes the pipe after everything has been written.
    func close() {
        channel.writeAndFlush(ByteBuffer()).assumeIsolated().whenComplete { _ in self.channel.close(promise: nil) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isWritable { observer?.sinkBecameWritable() }
    }

    /// Converts the error of a write. A channel that is already closed means that the pipe's reader is gone.
    private static func systemCallError(_ error: any Error) -> SystemCallError {
        let reason = (error as? IOError).map { Errno(rawValue: $0.errnoCode) } ?? .brokenPipe
        return SystemCallError(action: "writing to standard output", error: reason)
    }
}
