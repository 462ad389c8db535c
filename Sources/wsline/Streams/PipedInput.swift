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
    private let channel: NIOAsyncChannel<ByteBuffer, Never>

    /// Opens standard input on an event loop; nil when it is no pipe or can't be opened so, and is to be read otherwise.
    init?(on loop: any EventLoop) async {
        #if os(Linux)
        var status = stat()
        guard fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return nil }
        let descriptor = open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        do {
            channel = try await NIOPipeBootstrap(group: loop)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 65536, maximum: 262144)
                )
                .channelOption(.maxMessagesPerRead, value: 1)
                .takingOwnershipOfDescriptor(input: descriptor) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel(wrappingChannelSynchronously: channel)
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

    /// Hands on what is read, until the input's end, `stop`, or until `body` returns false.
    func read(_ body: (ByteBuffer) async -> Bool) async throws {
        try await channel.executeThenClose { chunks in
            for try await chunk in chunks {
                guard await body(chunk) else { break }
            }
        }
    }

    /// Ends the reading.
    func stop() {
        channel.channel.close(promise: nil)
    }
}
