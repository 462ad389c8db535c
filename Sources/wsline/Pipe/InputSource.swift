import NIOCore
import NIOPosix
import SystemPackage

/// Standard input as a session reads it: a chunk at a time, each when it is asked for. Confined to its event loop.
protocol InputSource: AnyObject {
    /// Reads once.
    ///
    /// - Parameter take: called on the event loop with the bytes, with nil at the end of input, or with the error.
    func read(_ take: @escaping (Result<ByteBuffer?, any Error>) -> Void)

    /// Stops reading; nothing is called any more.
    func stop()
}

/// Where a session writes. Confined to its event loop.
protocol OutputSink: AnyObject {
    /// Whether the sink takes more without keeping much of it in memory.
    var isWritable: Bool { get }
    /// What learns when that changes, and when writing has failed.
    var observer: (any SinkObserver)? { get set }

    /// Writes bytes, in order after those written before.
    func write(_ bytes: ByteBuffer)

    /// Calls `done` on the event loop once everything has been written, or writing has failed.
    func flush(_ done: @escaping () -> Void)
}

extension OutputSink {
    /// Writes bytes, in order after those written before.
    func write(_ bytes: [UInt8]) {
        write(ByteBuffer(bytes: bytes))
    }
}

/// What learns how a sink is doing.
protocol SinkObserver: AnyObject {
    /// The sink takes more again.
    func sinkBecameWritable()
    /// Writing failed, or whoever read the sink has gone (EPIPE).
    func sinkFailed(_ error: SystemCallError)
}

/// Opens standard input and output for a session.
///
/// A pipe is read and written by the event loop itself, so that a line costs no thread. Linux opens it anew under `/proc`:
/// the new description is non-blocking while others who share the descriptor find it as it was. Files, terminals and
/// everything else have a thread that may block.
enum StandardIO {
    /// Opens standard input for an event loop that takes the chunks.
    static func openInput(on loop: any EventLoop) async throws -> NIOLoopBound<any InputSource> {
        if let descriptor = reopenPipe(.standardInput, "/proc/self/fd/0", .readOnly) {
            let bootstrap = NIOPipeBootstrap(group: loop)
                .channelOption(.autoRead, value: false)
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 4 << 10, initial: 64 << 10, maximum: 256 << 10)
                )
            return try await bootstrap.takingOwnershipOfDescriptor(input: descriptor.rawValue) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let source = PipeSource(channel)
                    try channel.pipeline.syncOperations.addHandler(source)
                    return NIOLoopBound<any InputSource>(source, eventLoop: channel.eventLoop)
                }
            }
        }
        return try await loop.submit {
            NIOLoopBound<any InputSource>(ThreadSource(.standardInput, loop), eventLoop: loop)
        }
        .get()
    }

    /// Opens standard output for an event loop that writes.
    static func openOutput(on loop: any EventLoop) async throws -> NIOLoopBound<any OutputSink> {
        if let descriptor = reopenPipe(.standardOutput, "/proc/self/fd/1", .writeOnly) {
            return try await NIOPipeBootstrap(group: loop).takingOwnershipOfDescriptor(output: descriptor.rawValue) {
                channel in
                channel.eventLoop.makeCompletedFuture {
                    let sink = PipeSink(channel)
                    try channel.pipeline.syncOperations.addHandler(sink)
                    return NIOLoopBound<any OutputSink>(sink, eventLoop: channel.eventLoop)
                }
            }
        }
        return try await loop.submit {
            let sink = ThreadSink(.standardOutput, "writing to standard output", loop)
            return NIOLoopBound<any OutputSink>(sink, eventLoop: loop)
        }.get()
    }

    private static func reopenPipe(
        _ descriptor: FileDescriptor,
        _ path: FilePath,
        _ mode: FileDescriptor.AccessMode
    ) -> FileDescriptor? {
        #if os(Linux)
        guard (try? descriptor.stat().type) == .fifo else { return nil }
        return try? FileDescriptor.open(path, mode, options: [.nonBlocking, .closeOnExec])
        #else
        return nil
        #endif
    }
}
