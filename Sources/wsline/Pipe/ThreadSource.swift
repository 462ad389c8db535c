import CPOSIX
import Dispatch
import NIOCore
import SystemPackage

/// A file, terminal or socket that a background thread reads with blocking calls, one chunk ahead.
///
/// The descriptor stays in blocking mode, because other processes may share it.
final class ThreadSource: InputSource {
    private static let chunkSize = 256 << 10

    private let descriptor: FileDescriptor
    private let loop: any EventLoop
    private let queue = DispatchQueue(label: "input")
    private var isReading = false
    /// A chunk that was read ahead of the request.
    private var ahead: Result<ByteBuffer?, any Error>?
    private var take: ((Result<ByteBuffer?, any Error>) -> Void)?

    init(_ descriptor: FileDescriptor, _ loop: any EventLoop) {
        (self.descriptor, self.loop) = (descriptor, loop)
    }

    func read(_ take: @escaping (Result<ByteBuffer?, any Error>) -> Void) {
        self.take = take
        if let ahead {
            self.ahead = nil
            // Deliver in a new event loop turn, to keep many chunks from nesting as many calls.
            loop.assumeIsolated().execute { self.deliver(ahead) }
        } else if !isReading {
            readChunk()
        }
    }

    /// Stops reading. A read in progress continues, and its result is dropped.
    func stop() {
        take = nil
    }

    private func readChunk() {
        isReading = true
        let source = NIOLoopBound(self, eventLoop: loop)
        queue.async { [descriptor, loop] in
            let result = Result { try Self.read(descriptor) }
            loop.execute { source.value.finishChunk(result) }
        }
    }

    private func finishChunk(_ result: Result<ByteBuffer?, any Error>) {
        isReading = false
        if take == nil { ahead = result } else { deliver(result) }
    }

    /// Delivers a chunk and starts reading the next one.
    private func deliver(_ result: Result<ByteBuffer?, any Error>) {
        guard let take else { return ahead = result }
        self.take = nil
        if case .success(_?) = result { readChunk() }
        take(result)
    }

    private static func read(_ descriptor: FileDescriptor) throws -> ByteBuffer? {
        var chunk = ByteBuffer()
        let count = try chunk.writeWithUnsafeMutableBytes(minimumWritableBytes: chunkSize) { room in
            while true {
                do {
                    return try descriptor.read(into: room)
                } catch Errno.resourceTemporarilyUnavailable {
                    // Another process that shares the descriptor made it non-blocking.
                    StandardStreams.wait(for: descriptor.rawValue, Int16(POLLIN))
                }
            }
        }
        return count > 0 ? chunk : nil
    }
}
