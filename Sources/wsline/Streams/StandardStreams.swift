#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

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

    /// Whether standard output is a pipe that takes a few hundred bytes now, without blocking.
    static var outputTakesAtOnce: Bool {
        guard outputIsPipe else { return false }
        var waiting = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&waiting, 1, 0) == 1 && waiting.revents & Int16(POLLOUT) != 0
    }

    private static let outputIsPipe: Bool = {
        var status = stat()
        return fstat(STDOUT_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }()

    /// Writes to standard error: notices, errors and all that is verbose. There is nobody to tell when that fails.
    static func writeError(_ text: String) {
        try? write(Array(text.utf8), to: STDERR_FILENO, "writing to standard error")
    }

    /// Whether a descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Returns a variable of the environment.
    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

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
            let count = bytes.withUnsafeBytes { raw in
                let rest = UnsafeRawBufferPointer(rebasing: raw[written...])
                #if canImport(Darwin)
                return Darwin.write(descriptor, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                return Musl.write(descriptor, rest.baseAddress, rest.count)
                #else
                return Glibc.write(descriptor, rest.baseAddress, rest.count)
                #endif
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
}
