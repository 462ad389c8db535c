import NIOCore
import SystemPackage

/// A pipe that the event loop writes.
final class PipeSink: OutputSink, ChannelInboundHandler {
    typealias InboundIn = Never

    weak var observer: (any SinkObserver)?
    private let channel: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
    }

    var isWritable: Bool { channel.isWritable }

    func write(_ bytes: ByteBuffer) {
        channel.writeAndFlush(bytes).assumeIsolated().whenFailure { error in
            self.observer?.sinkFailed(Self.systemCallError(error))
        }
    }

    func flush(_ done: @escaping () -> Void) {
        channel.writeAndFlush(ByteBuffer()).assumeIsolated().whenComplete { _ in done() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { observer?.sinkBecameWritable() }
    }

    /// A channel that closed before the write is a pipe whose reader has gone.
    private static func systemCallError(_ error: any Error) -> SystemCallError {
        let reason = (error as? IOError).map { Errno(rawValue: $0.errnoCode) } ?? .brokenPipe
        return SystemCallError(action: "writing to standard output", error: reason)
    }
}
