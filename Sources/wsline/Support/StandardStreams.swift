#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

import TestScript

/// Standard output and standard error, written in blocking calls, each a whole batch.
enum StandardStreams {
    /// Opens those of the three that are closed, or the first sockets would take their places. There is nothing to be
    /// read, and writing fails.
    static func fillGaps() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Writes to standard output: messages, and nothing else.
    ///
    /// - Throws: `SystemCallError`, with EPIPE when the reader has gone.
    static func writeOutput(_ bytes: [UInt8]) throws(SystemCallError) {
        try write(bytes, to: STDOUT_FILENO, "writing to standard output")
    }

    /// What a pipe takes whole, or not at all, in a write that does not block (POSIX's PIPE_BUF).
    static let atomicSize = Int(PIPE_BUF)

    /// Whether standard output can be written to without blocking: it is a pipe.
    static var outputTakesAtOnce: Bool { outputPipe != nil }

    /// Writes to standard output without blocking; only a pipe can be written to so.
    ///
    /// - Parameter bytes: at most `atomicSize`.
    /// - Returns: whether they were written; if not, none was.
    /// - Throws: `SystemCallError`, with EPIPE when the reader has gone.
    static func writeOutputAtOnce(_ bytes: [UInt8]) throws(SystemCallError) -> Bool {
        guard let pipe = outputPipe else { return false }
        let count = bytes.withUnsafeBytes { write($0, to: pipe) }
        if count >= 0 { return true }
        guard errno == EAGAIN || errno == EINTR else { throw .last("writing to standard output") }
        return false
    }

    /// Standard output once more, when it is a pipe. Linux opens it anew, so that it can be written to without blocking
    /// while others who share the descriptor find it as it was.
    private static let outputPipe: Int32? = {
        #if os(Linux)
        var status = stat()
        guard fstat(STDOUT_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return nil }
        let descriptor = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        return descriptor >= 0 ? descriptor : nil
        #else
        return nil
        #endif
    }()

    /// Writes to standard error: notices, errors and all that is verbose. There is nobody to tell when that fails.
    static func writeError(_ text: String) {
        try? write(Array(text.utf8), to: STDERR_FILENO, "writing to standard error")
    }

    /// Whether a descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Returns a variable of the environment.
    static func variable(_ name: String) -> String? { Environment.variable(name) }

    /// Makes a file of it, in the place of one that is there.
    ///
    /// - Throws: `SystemCallError` that names the file.
    static func write(_ bytes: [UInt8], toFile path: String) throws(SystemCallError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .last("writing \"\(path)\"") }
        defer { close(descriptor) }
        try write(bytes, to: descriptor, "writing \"\(path)\"")
    }

    /// Writes all of it, however long that takes.
    ///
    /// - Throws: `SystemCallError` that names the action.
    static func write(_ bytes: [UInt8], to descriptor: Int32, _ action: String) throws(SystemCallError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(UnsafeRawBufferPointer(rebasing: $0[written...]), to: descriptor)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                // Somebody who shares the descriptor made it non-blocking.
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
            } else if errno != EINTR {
                throw .last(action)
            }
        }
    }
    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
        #if canImport(Darwin)
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
