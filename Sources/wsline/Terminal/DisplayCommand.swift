import CPOSIX
import Dispatch
import MessageText
import NIOCore
import SystemPackage
import TestScript
import WebSocketProtocol

/// A shell command that reads the messages, and whose output is shown in their place (`/pipe`). Confined to its event
/// loop.
///
/// Back pressure applies to both: messages wait while the command does not read, and its output waits while the
/// terminal is busy.
final class DisplayCommand: OutputSink, SinkObserver {
    /// The ends of the pipes on this side.
    struct Pipes: Sendable {
        let process: pid_t
        let input: NIOLoopBound<any OutputSink>
        let output: NIOLoopBound<any InputSource>
    }

    /// The maximum length of a line of output, in bytes; a longer one is shown as several.
    private static let lineLimit = 64 << 10
    /// How long the command may run after the end of its input, and how long its output is read after its end. Shorter
    /// than the time that a session takes to end.
    private static let grace = TimeAmount.milliseconds(200)

    weak var observer: (any SinkObserver)?
    private let process: pid_t
    private let input: any OutputSink
    private let output: any InputSource
    private let terminal: any OutputSink
    private let loop: any EventLoop
    /// Prints lines of output.
    private let show: (MessageBatch) -> Void
    /// Called with the exit status, after the output, if the command ends by itself.
    private let ended: (Int32) -> Void
    private var line: [UInt8] = []
    private var status: Int32?
    private var isAtEnd = false
    /// Whether the command has ended and its output has been shown.
    private(set) var hasEnded = false
    private var isWaiting = false
    private var whenStopped: (() -> Void)?
    private var isStopping: Bool { whenStopped != nil }

    /// Starts a command.
    ///
    /// - Parameters:
    ///   - command: the command, for `sh -c`.
    ///   - loop: the event loop of the session.
    /// - Returns: the pipes to the command.
    /// - Throws: the error if it cannot be started.
    static func start(_ command: String, on loop: any EventLoop) async throws -> Pipes {
        let toCommand = try ShellCommand.pipe(isInput: true)
        let fromCommand = try ShellCommand.pipe()
        let started = Result { () throws(Errno) in
            try ShellCommand.start(
                ["sh", "-c", command],
                input: toCommand.readEnd,
                fromCommand.writeEnd,
                fromCommand.writeEnd
            )
        }
        try? toCommand.readEnd.close()
        try? fromCommand.writeEnd.close()
        return Pipes(
            process: try started.get(),
            input: try await StandardIO.sink(to: toCommand.writeEnd, on: loop),
            output: try await StandardIO.source(of: fromCommand.readEnd, on: loop)
        )
    }

    /// Starts to show the output of a command.
    ///
    /// - Parameters:
    ///   - pipes: the pipes to the command.
    ///   - terminal: the sink that `show` prints to.
    ///   - loop: the event loop of the session.
    ///   - show: prints lines of output.
    ///   - ended: called with the exit status, after the output, if the command ends by itself.
    init(
        _ pipes: Pipes,
        _ terminal: any OutputSink,
        on loop: any EventLoop,
        show: @escaping (MessageBatch) -> Void,
        ended: @escaping (Int32) -> Void
    ) {
        process = pipes.process
        (input, output) = (pipes.input.value, pipes.output.value)
        (self.terminal, self.loop, self.show, self.ended) = (terminal, loop, show, ended)
        input.observer = self
        waitForExit()
        read()
    }

    var isWritable: Bool { input.isWritable && terminal.isWritable }

    func write(_ bytes: ByteBuffer) { input.write(bytes) }

    /// Calls `done` at once, because the terminal prints everything before it shuts down.
    func flush(_ done: @escaping () -> Void) { done() }

    func sinkBecameWritable() {
        if isWaiting, terminal.isWritable { read() }
        if isWritable { observer?.sinkBecameWritable() }
    }

    /// Ignores the error of a command that does not read its input any more; its end follows.
    func sinkFailed(_ error: SystemCallError) {}

    /// Ends the input of the command, and the command itself if it does not end soon.
    ///
    /// - Parameter done: called when it has ended and its output has been shown.
    func stop(_ done: @escaping () -> Void = {}) {
        guard !hasEnded else { return done() }
        whenStopped = done
        (input as? PipeSink)?.close()
        if isWaiting { read() }
        schedule { [self] in
            kill(-process, SIGKILL)
            schedule { [self] in report() }
        }
    }

    /// Ends the command at once.
    func abort() {
        if !hasEnded { kill(-process, SIGKILL) }
    }

    // MARK: Output

    private func read() {
        isWaiting = false
        output.read { [self] result in
            guard !hasEnded else { return }
            guard case .success(let chunk?) = result else {
                isAtEnd = true
                show([], isLast: true)
                return reportIfEnded()
            }
            // A command that is being stopped must not fill the memory.
            if terminal.isWritable || !isStopping { show(Array(chunk.readableBytesView), isLast: false) }
            if terminal.isWritable || isStopping { read() } else { isWaiting = true }
        }
    }

    private func show(_ bytes: [UInt8], isLast: Bool) {
        var batch = MessageBatch()
        for byte in bytes {
            if byte != UInt8(ascii: "\n") { line.append(byte) }
            guard byte == UInt8(ascii: "\n") || line.count >= Self.lineLimit else { continue }
            append(to: &batch)
        }
        if isLast, !line.isEmpty { append(to: &batch) }
        if !batch.isEmpty { show(batch) }
    }

    private func append(to batch: inout MessageBatch) {
        // Text for the renderer is UTF-8.
        batch.append(.text, String(decoding: line, as: UTF8.self).utf8)
        line.removeAll(keepingCapacity: true)
    }

    // MARK: The end

    private func waitForExit() {
        let command = NIOLoopBound(self, eventLoop: loop)
        DispatchQueue(label: "command").async { [process, loop] in
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, posix_errno() == EINTR {}
            let code = posix_exit_status(status)
            loop.execute { command.value.exited(code) }
        }
    }

    private func exited(_ status: Int32) {
        self.status = status
        reportIfEnded()
        // Processes that it started may keep the pipe open.
        schedule { [weak self] in self?.report() }
    }

    private func reportIfEnded() {
        if isAtEnd, status != nil { report() }
    }

    private func report() {
        guard !hasEnded else { return }
        hasEnded = true
        output.stop()
        (input as? PipeSink)?.close()
        kill(-process, SIGKILL)
        if let whenStopped { whenStopped() } else { ended(status ?? 128 + SIGKILL) }
    }

    private func schedule(_ body: @escaping () -> Void) {
        _ = loop.assumeIsolated().scheduleTask(in: Self.grace, body)
    }
}
