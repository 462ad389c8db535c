import CPOSIX
import SystemPackage

/// Standard output and standard error, written in blocking calls, each a whole batch.
enum StandardStreams {
    /// Opens those of the three that are closed, or the first sockets would take their numbers. Reading from them finds
    /// the end, and writing fails.
    static func fillGaps() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where (try? FileDescriptor(rawValue: descriptor).stat()) == nil {
            _ = try? FileDescriptor.open("/dev/null", .readOnly)
        }
    }

    /// Writes messages to standard output.
    ///
    /// - Throws: `SystemCallError`, EPIPE if the reader is gone.
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
    /// - Throws: `SystemCallError`, EPIPE if the reader is gone.
    static func writeOutputAtOnce(_ bytes: [UInt8]) throws(SystemCallError) -> Bool {
        guard let pipe = outputPipe else { return false }
        do {
            _ = try bytes.withUnsafeBytes { try pipe.write($0) }
            return true
        } catch Errno.resourceTemporarilyUnavailable {
            return false
        } catch {
            throw SystemCallError(action: "writing to standard output", error)
        }
    }

    /// Standard output once more, when it is a pipe. Linux opens it anew, so that it can be written to without blocking
    /// while others who share the descriptor find it as it was.
    private static let outputPipe: FileDescriptor? = {
        #if os(Linux)
        guard (try? FileDescriptor.standardOutput.stat())?.type == .fifo else { return nil }
        return try? FileDescriptor.open("/proc/self/fd/1", .writeOnly, options: [.nonBlocking, .closeOnExec])
        #else
        return nil
        #endif
    }()

    /// Writes notices, errors and verbose output to standard error. A failure is ignored, since it can't be reported.
    static func writeError(_ text: String) {
        try? write(Array(text.utf8), to: STDERR_FILENO, "writing to standard error")
    }

    /// Whether a descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Returns a variable of the environment.
    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Creates or replaces a file.
    ///
    /// - Throws: `SystemCallError` that names the file.
    static func write(_ bytes: [UInt8], toFile path: String) throws(SystemCallError) {
        do {
            let file = try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead]
            )
            try file.closeAfter { _ = try file.writeAll(bytes) }
        } catch {
            throw SystemCallError(action: "writing \"\(path)\"", error)
        }
    }

    /// Writes all bytes, however long that takes.
    ///
    /// - Throws: `SystemCallError` that names the action.
    static func write(_ bytes: [UInt8], to descriptor: Int32, _ action: String) throws(SystemCallError) {
        let file = FileDescriptor(rawValue: descriptor)
        var rest = bytes[...]
        while !rest.isEmpty {
            do {
                rest = rest.dropFirst(try rest.withUnsafeBytes { try file.write($0) })
            } catch Errno.resourceTemporarilyUnavailable {
                // Another process that shares the descriptor made it non-blocking.
                waitUntilWritable(descriptor)
            } catch {
                throw SystemCallError(action: action, error)
            }
        }
    }

    private static func waitUntilWritable(_ descriptor: Int32) {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // Darwin's poll does not support terminals and returns at once with POLLNVAL.
        if poll(&waiting, 1, -1) < 0 || waiting.revents & Int16(POLLNVAL) != 0 { usleep(10_000) }
    }
}
