import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Standard input, read in blocking calls that can be ended from elsewhere.
///
/// The descriptor is left in the mode it has: other processes may share it.
final class StandardInput: Sendable {
    /// Bytes asked for at once.
    private static let readSize = 256 << 10

    private let wakeUpRead: Int32
    private let wakeUpWrite: Int32

    /// Creates a reader.
    ///
    /// - Throws: `SystemCallError` when the process has no descriptor left.
    init() throws(SystemCallError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .last("making a pipe") }
        wakeUpRead = ends[0]
        wakeUpWrite = ends[1]
    }

    deinit {
        close(wakeUpRead)
        close(wakeUpWrite)
    }

    /// Waits for input.
    ///
    /// - Returns: what has come, or nil at its end or after `stop`.
    /// - Throws: `SystemCallError` when it can't be read.
    func read() throws(SystemCallError) -> ByteBuffer? {
        while try waitUntilReadable() {
            var buffer = ByteBuffer()
            var count = 0
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.readSize) { room in
                #if canImport(Darwin)
                count = Darwin.read(STDIN_FILENO, room.baseAddress, room.count)
                #elseif canImport(Musl)
                count = Musl.read(STDIN_FILENO, room.baseAddress, room.count)
                #else
                count = Glibc.read(STDIN_FILENO, room.baseAddress, room.count)
                #endif
                return max(0, count)
            }
            if count > 0 { return buffer }
            if count == 0 { return nil }
            guard errno == EINTR || errno == EAGAIN else { throw .last("reading standard input") }
        }
        return nil
    }

    /// Makes the call of `read` under way, and every later one, return nil.
    func stop() {
        var byte: UInt8 = 0
        _ = write(wakeUpWrite, &byte, 1)
    }

    /// Returns false when `stop` was called.
    private func waitUntilReadable() throws(SystemCallError) -> Bool {
        var waiting = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeUpRead, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&waiting, 2, -1) < 0 {
            guard errno == EINTR else { throw .last("waiting for standard input") }
        }
        return waiting[1].revents == 0
    }
}
