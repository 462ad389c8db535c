import NIOCore
import NIOPosix
import SystemPackage

/// A source of input that is read chunk by chunk, each on request. Confined to its event loop.
protocol InputSource: AnyObject {
    /// Reads one chunk.
    ///
    /// - Parameter take: called on the event loop with the bytes, with nil at the end of input, or with an error.
    func read(_ take: @escaping (Result<ByteBuffer?, any Error>) -> Void)

    /// Stops reading. No callback is called afterwards.
    func stop()
}

/// A destination for output. Confined to its event loop.
protocol OutputSink: AnyObject {
    /// Whether the sink accepts more output without buffering much of it.
    var isWritable: Bool { get }
    /// Notified when `isWritable` becomes true again, and when writing has failed.
    var observer: (any SinkObserver)? { get set }

    /// Writes bytes after those written before.
    func write(_ bytes: ByteBuffer)

    /// Calls `done` on the event loop once everything has been written or writing has failed.
    func flush(_ done: @escaping () -> Void)
}

extension OutputSink {
    /// Writes bytes after those written before.
    func write(_ bytes: [UInt8]) {
        write(ByteBuffer(bytes: bytes))
    }
}

/// An object that is notified about the state of a sink.
protocol SinkObserver: AnyObject {
    /// The sink accepts more output again.
    func sinkBecameWritable()
    /// Writing failed; with EPIPE, the reader has closed the pipe.
    func sinkFailed(_ error: SystemCallError)
}

/// Opens standard input and output for a session.
///
/// Pipes are read and written by the event loop itself, so that they need no thread. On Linux, a pipe is reopened
/// through `/proc`: the new file description is non-blocking, while the original, which other processes may share,
/// stays as it was. Files, terminals and everything else get a thread that may block.
enum StandardIO {
    /// Opens standard input, delivering chunks on an event loop.
    static func openInput(on loop: any EventLoop) async throws -> NIOLoopBound<any InputSource> {
        if let descriptor = reopenPipe(.standardInput, "/proc/self/fd/0", .readOnly) {
            return try await source(of: descriptor, on: loop)
        }
        return try await loop.submit {
            NIOLoopBound<any InputSource>(ThreadSource(.standardInput, loop), eventLoop: loop)
        }
        .get()
    }

    /// Opens standard output, writing from an event loop.
    static func openOutput(on loop: any EventLoop) async throws -> NIOLoopBound<any OutputSink> {
        if let descriptor = reopenPipe(.standardOutput, "/proc/self/fd/1", .writeOnly) {
            return try await sink(to: descriptor, on: loop)
        }
        return try await loop.submit {
            let sink = ThreadSink(.standardOutput, "writing to standard output", loop)
            return NIOLoopBound<any OutputSink>(sink, eventLoop: loop)
        }.get()
    }

    /// Creates a source that reads a pipe in non-blocking mode, and closes it at the end.
    static func source(
        of descriptor: FileDescriptor,
        on loop: any EventLoop
    ) async throws -> NIOLoopBound<any InputSource> {
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

    /// Creates a sink that writes to a pipe in non-blocking mode.
    static func sink(
        to descriptor: FileDescriptor,
        on loop: any EventLoop
    ) async throws -> NIOLoopBound<any OutputSink> {
        try await NIOPipeBootstrap(group: loop).takingOwnershipOfDescriptor(output: descriptor.rawValue) { channel in
            channel.eventLoop.makeCompletedFuture {
                let sink = PipeSink(channel)
                try channel.pipeline.syncOperations.addHandler(sink)
                return NIOLoopBound<any OutputSink>(sink, eventLoop: channel.eventLoop)
            }
        }
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
