package import CPOSIX
import MessageText
import Synchronization
package import SystemPackage

// Queues are thread-safe, but the module does not declare them Sendable yet.
@preconcurrency import Dispatch

/// A shell command of a script or an option, which `/bin/sh` runs in its own process group.
package struct ShellCommand: Sendable {
    /// The outcome of a command that was started.
    struct Outcome: Sendable {
        enum End: Equatable, Sendable {
            /// The command exited with this status, or 128 plus the signal number if a signal terminated it.
            case exited(Int32)
            case timedOut
            case wroteTooMuch
        }

        var end = End.exited(0)
        /// The bytes written to standard output.
        var output: [UInt8] = []
        var error: [UInt8] = []
        /// The process group if background processes of the command may still be running, otherwise nil.
        var group: pid_t?

        /// The last lines of standard error, for a report.
        var errorLines: [String] {
            String(decoding: error.suffix(8192), as: UTF8.self).split(whereSeparator: \.isNewline).suffix(10)
                .map { Excerpt.of(String($0)) }
        }
    }

    /// The maximum size of standard output and standard error together, in bytes.
    static let outputLimit = 16 << 20

    /// The command, as for `sh -c`.
    let text: String
    /// The folder to run the command in; empty for the current folder.
    let folder: String
    /// The environment variables.
    let environment: [String: String]
    /// The maximum size of standard output and standard error together, in bytes.
    var outputLimit = Self.outputLimit

    /// Runs the command without standard input.
    ///
    /// - Parameter limit: the maximum time, after which the process group is killed, as it is if the task is canceled.
    /// - Returns: the exit status and the output.
    /// - Throws: `Errno` if it cannot be started.
    func run(within limit: Duration) async throws(Errno) -> Outcome {
        let cancellation = CommandCancellation()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "wsline.command").async {
                    continuation.resume(returning: Result { () throws(Errno) in try runNow(limit, cancellation) })
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    /// Terminates process groups with SIGTERM, and with SIGKILL if they are still running after a second.
    static func end(_ groups: [pid_t]) async {
        guard !groups.isEmpty else { return }
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "wsline.command").async {
                for group in groups { endNow(group) }
                continuation.resume()
            }
        }
    }

    // MARK: On a thread of its own

    private func runNow(_ limit: Duration, _ cancellation: CommandCancellation) throws(Errno) -> Outcome {
        let output = try Self.pipe()
        defer { try? output.readEnd.close() }
        let error: (readEnd: FileDescriptor, writeEnd: FileDescriptor)
        do throws(Errno) {
            error = try Self.pipe()
        } catch {
            try? output.writeEnd.close()
            throw error
        }
        defer { try? error.readEnd.close() }
        let spawned = Result { () throws(Errno) in
            try cancellation.start { () throws(Errno) in try spawn(output.writeEnd, error.writeEnd) }
        }
        try? output.writeEnd.close()
        try? error.writeEnd.close()
        let process = try spawned.get()
        var outcome = Outcome()
        let end = ContinuousClock.now + limit
        var pause: Int32 = 1
        while true {
            let isOver = cancellation.exitStatus(process).map { outcome.end = .exited($0) } != nil
            let count = outcome.output.count + outcome.error.count
            drain(output.readEnd, into: &outcome.output)
            drain(error.readEnd, into: &outcome.error)
            let size = outcome.output.count + outcome.error.count
            if isOver {
                if kill(-process, 0) == 0 { outcome.group = process }
                if size > outputLimit { outcome.end = .wroteTooMuch }
                return outcome
            }
            if size > outputLimit { outcome.end = .wroteTooMuch }
            if ContinuousClock.now >= end || cancellation.isCanceled { outcome.end = .timedOut }
            guard outcome.end == .exited(0) else {
                kill(-process, SIGKILL)
                _ = cancellation.exitStatus(process, options: 0)
                return outcome
            }
            // Begin with short pauses for commands that take only a few milliseconds.
            pause = size > count ? 1 : min(pause * 2, 50)
            var readable = [pollfd(fd: output.readEnd.rawValue, events: Int16(POLLIN), revents: 0)]
            poll(&readable, 1, pause)
            if readable[0].revents & Int16(POLLHUP) != 0 { usleep(UInt32(pause) * 1000) }
        }
    }

    private func spawn(_ output: FileDescriptor, _ error: FileDescriptor) throws(Errno) -> pid_t {
        let change = "cd -- \"$1\" && exec /bin/sh -c \"$2\""
        let words = ["sh", "-c", change, "sh", folder.isEmpty ? "." : UserPath.expand(folder), text]
        return try Self.start(words, environment, input: nil, output, error)
    }

    /// Starts a shell in a process group of its own.
    ///
    /// - Parameters:
    ///   - words: the arguments of the shell, the first one being its name.
    ///   - environment: the environment variables; nil for those of this process.
    ///   - input: standard input; nil for none.
    ///   - output: standard output.
    ///   - error: standard error.
    /// - Returns: the process, which is also the number of its group.
    /// - Throws: `Errno` if it cannot be started.
    package static func start(
        _ words: [String],
        _ environment: [String: String]? = nil,
        input: FileDescriptor?,
        _ output: FileDescriptor,
        _ error: FileDescriptor
    ) throws(Errno) -> pid_t {
        #if os(macOS)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input.rawValue, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output.rawValue, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, error.rawValue, STDERR_FILENO)

        let entries = (environment ?? Environment.all).map { "\($0.key)=\($0.value)" }
        var arguments = words.map { strdup($0) } + [nil]
        var variables = entries.map { strdup($0) } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var process = pid_t()
        let result = posix_start(&process, "/bin/sh", &actions, 1, &arguments, &variables)
        guard result == 0 else { throw Errno(rawValue: result) }
        return process
    }

    /// Creates a pipe that commands do not inherit. This process never blocks on its end.
    ///
    /// - Parameter isInput: whether the pipe is the standard input of a command, so that this process writes to it.
    /// - Returns: both ends.
    /// - Throws: `Errno`.
    package static func pipe(
        isInput: Bool = false
    ) throws(Errno) -> (readEnd: FileDescriptor, writeEnd: FileDescriptor) {
        do {
            let ends = try FileDescriptor.pipe()
            posix_prepare_pipe(ends.readEnd.rawValue, isInput ? 0 : 1)
            posix_prepare_pipe(ends.writeEnd.rawValue, isInput ? 1 : 0)
            return ends
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    private func drain(_ descriptor: FileDescriptor, into bytes: inout [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= outputLimit,
            let count = try? buffer.withUnsafeMutableBytes({ try descriptor.read(into: $0) }), count > 0
        {
            bytes += buffer[..<count]
        }
    }

    private static func endNow(_ group: pid_t) {
        kill(-group, SIGTERM)
        for _ in 0..<100 {
            guard kill(-group, 0) == 0 else { return }
            usleep(10_000)
        }
        kill(-group, SIGKILL)
    }
}

/// The cancellation of a command, which kills it at once, because the process may exit next. Thread-safe.
private final class CommandCancellation: Sendable {
    private struct State {
        var isCanceled = false
        /// The process group of the command while it is running.
        var group: pid_t?
    }

    private let state = Mutex(State())

    var isCanceled: Bool { state.withLock { $0.isCanceled } }

    /// Starts the command, unless it has been canceled. A cancellation meanwhile waits, so that it finds the process.
    func start(_ spawn: () throws(Errno) -> pid_t) throws(Errno) -> pid_t {
        try state.withLock { (state) throws(Errno) in
            guard !state.isCanceled else { throw .canceled }
            let group = try spawn()
            state.group = group
            return group
        }
    }

    func cancel() {
        state.withLock { state in
            state.isCanceled = true
            if let group = state.group { kill(-group, SIGKILL) }
        }
    }

    /// Returns the exit status of the command; nil while it is running.
    func exitStatus(_ process: pid_t, options: Int32 = WNOHANG) -> Int32? {
        state.withLock { state in
            var status: Int32 = 0
            guard waitpid(process, &status, options) == process else { return nil }
            // The system may reuse the number.
            state.group = nil
            return posix_exit_status(status)
        }
    }
}
