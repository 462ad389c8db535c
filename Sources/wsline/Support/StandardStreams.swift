import CPOSIX
import SystemPackage

import TestScript

/// Standard output and standard error, written with blocking calls.
enum StandardStreams {
    /// Opens /dev/null for each of the three standard descriptors that is closed, so that no socket gets its number.
    /// Reading from it finds the end of input, and writing fails.
    static func fillGaps() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where (try? FileDescriptor(rawValue: descriptor).stat()) == nil {
            _ = try? FileDescriptor.open("/dev/null", .readOnly)
        }
    }

    /// Writes messages to standard output.
    ///
    /// - Throws: `SystemCallError`; EPIPE if the reader has closed the pipe.
    static func writeOutput(_ bytes: [UInt8]) throws(SystemCallError) {
        try write(bytes, to: STDOUT_FILENO, "writing to standard output")
    }

    /// Writes notices, errors and verbose output to standard error. Errors are ignored, since they cannot be reported.
    static func writeError(_ text: String) {
        try? write(Array(text.utf8), to: STDERR_FILENO, "writing to standard error")
    }

    /// Writes the error that ends the run. Gives up if nobody reads standard error.
    static func writeFinalError(_ text: String) {
        var errors = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        // A paused terminal is no reason to give up: its user will resume it.
        guard !text.isEmpty, isTerminal(STDERR_FILENO) || poll(&errors, 1, 2_000) != 0 else { return }
        writeError(text)
    }

    /// Whether a descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether a descriptor is a pipe or FIFO.
    static func isPipe(_ descriptor: Int32) -> Bool {
        (try? FileDescriptor(rawValue: descriptor).stat().type) == .fifo
    }

    /// Whether reading standard input returns immediately: with bytes, an error or the end of input.
    static var inputIsReady: Bool {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&input, 1, 0) > 0
    }

    /// Returns the value of an environment variable.
    static func variable(_ name: String) -> String? { Environment.variable(name) }

    /// Creates or replaces a file.
    ///
    /// - Throws: `SystemCallError` that names the file.
    static func write(
        _ bytes: [UInt8],
        toFile path: String,
        permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    ) throws(SystemCallError) {
        do {
            let file = try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .truncate, .closeOnExec],
                permissions: permissions
            )
            try file.closeAfter { _ = try file.writeAll(bytes) }
        } catch {
            throw SystemCallError(action: "writing \"\(path)\"", error)
        }
    }

    /// Writes all bytes, for as long as that takes.
    ///
    /// - Throws: `SystemCallError` with the given action.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ action: String) throws(SystemCallError) {
        let file = FileDescriptor(rawValue: descriptor)
        var rest = bytes
        while !rest.isEmpty {
            do {
                rest = UnsafeRawBufferPointer(rebasing: rest[try file.write(rest)...])
            } catch Errno.resourceTemporarilyUnavailable {
                // Another process that shares the descriptor made it non-blocking.
                wait(for: descriptor, Int16(POLLOUT))
            } catch {
                throw SystemCallError(action: action, error)
            }
        }
    }

    /// Writes all bytes, for as long as that takes.
    ///
    /// - Throws: `SystemCallError` with the given action.
    static func write(_ bytes: [UInt8], to descriptor: Int32, _ action: String) throws(SystemCallError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(SystemCallError) in try write(bytes, to: descriptor, action) }
        }
        try result.get()
    }

    /// Blocks until a descriptor in non-blocking mode is ready.
    static func wait(for descriptor: Int32, _ events: Int16) {
        var waiting = pollfd(fd: descriptor, events: events, revents: 0)
        // Darwin's poll does not support terminals and returns at once with POLLNVAL.
        if poll(&waiting, 1, -1) < 0 || waiting.revents & Int16(POLLNVAL) != 0 { usleep(10_000) }
    }
}
