public import CPOSIX
public import Foundation
import Synchronization

/// A child process with pipes to its standard streams.
///
/// Foundation's `Process` occasionally crashes on Linux when many processes are started in parallel.
public final class ChildProcess: Sendable {
    /// An error that explains why a program could not be started.
    public struct Failure: Error, CustomStringConvertible {
        /// The failed call with the system's error.
        public let description: String

        init(_ what: String, _ number: Int32) {
            description = "\(what): \(String(cString: strerror(number)))"
        }
    }

    private struct State {
        var status: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    /// Held while a program is started, because another one started meanwhile would inherit its pipes.
    private static let starting = NSLock()

    /// The process identifier.
    public let processIdentifier: pid_t
    /// The writing end of its standard input.
    public let input: FileHandle
    /// The reading end of its standard output.
    public let output: FileHandle
    /// The reading end of its standard error; nil when it shares the standard error of the test.
    public let error: FileHandle?
    private let state = Mutex(State())

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - path: the path of the executable.
    ///   - arguments: the arguments.
    ///   - environment: the complete environment.
    ///   - readsError: whether to connect its standard error to a pipe.
    /// - Throws: `Failure`.
    public init(_ path: String, _ arguments: [String], environment: [String: String], readsError: Bool) throws {
        Self.starting.lock()
        defer { Self.starting.unlock() }
        let input = try Self.pipe()
        let output = try Self.pipe()
        let error = readsError ? try Self.pipe() : nil
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        #else
        var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.read, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        if let error { posix_spawn_file_actions_adddup2(&actions, error.write, 2) }

        var argumentPointers = ([path] + arguments).map { strdup($0) } + [nil]
        var environmentPointers = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
        var process = pid_t()
        let number = posix_start(&process, path, &actions, 0, &argumentPointers, &environmentPointers)
        for descriptor in [input.read, output.write, error?.write].compactMap({ $0 }) { close(descriptor) }
        guard number == 0 else {
            for descriptor in [input.write, output.read, error?.read].compactMap({ $0 }) { close(descriptor) }
            throw Failure("starting \(path)", number)
        }
        processIdentifier = process
        self.input = FileHandle(fileDescriptor: input.write, closeOnDealloc: true)
        self.output = FileHandle(fileDescriptor: output.read, closeOnDealloc: true)
        self.error = error.map { FileHandle(fileDescriptor: $0.read, closeOnDealloc: true) }
        Thread.detachNewThread { [self] in end(with: Self.reap(processIdentifier)) }
    }

    /// Waits for the process to end and returns its exit status, or 128 plus the number of the signal that ended it.
    public func status() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state -> Int32? in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    private func end(with status: Int32) {
        let waiters = state.withLock { state in
            state.status = status
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    private static func reap(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return posix_exit_status(status)
    }

    /// Creates a pipe that no other child inherits, as long as none is started meanwhile.
    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else { throw Failure("making a pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Runs a blocking closure on a thread of its own.
    public static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                // Foundation treats an interrupted call as the end of the file, or traps.
                var signals = sigset_t()
                sigfillset(&signals)
                pthread_sigmask(SIG_BLOCK, &signals, nil)
                continuation.resume(returning: body())
            }
        }
    }
}
