import NIOCore
import WebSocketProtocol

/// What is read and sent without anybody typing, and how it is read.
enum PipeInput: Sendable {
    case none
    case pipe(PipedInput)
    /// In blocking calls.
    case other(StandardInput)
    case recording(RecordedInput)

    /// Opens the input of a session.
    ///
    /// - Parameters:
    ///   - plan: says whether there is any.
    ///   - eventLoop: carries the connection.
    ///   - log: is written where the input is sent, which may block.
    /// - Returns: the input, not read yet.
    /// - Throws: `SystemCallError` when the process has no descriptor left.
    static func open(
        for plan: SessionPlan,
        on eventLoop: any EventLoop,
        _ log: EventLog
    ) async throws(SystemCallError) -> PipeInput {
        switch plan.input {
        case .none, .terminal: return .none
        case .recording(let recording, let speed): return .recording(RecordedInput(recording, speed: speed))
        case .standardInput: break
        }
        if !log.isActive, let pipe = await PipedInput(on: eventLoop) { return .pipe(pipe) }
        return .other(try StandardInput())
    }

    /// Where it is read: on the event loop, unless that would block it.
    func executor(or loop: any TaskExecutor) -> any TaskExecutor {
        if case .other = self { return QueueExecutor(label: "input") }
        return loop
    }

    /// Ends the reading.
    @Sendable
    func stop() {
        switch self {
        // What is read from a recording is waited for in a task, which is cancelled.
        case .none, .recording: break
        case .pipe(let input): input.stop()
        case .other(let input): input.stop()
        }
    }

    /// Reads to the end, and hands on the messages.
    ///
    /// - Parameters:
    ///   - plan: says how messages are cut.
    ///   - send: sends a batch; returns why that can't be.
    /// - Returns: why not all was read and handed on, if so.
    func read(_ plan: SessionPlan, _ send: (MessageBatch) async -> Diagnostic?) async -> Diagnostic? {
        var cutter = plan.framing.makeCutter(plan.messageKind)
        var failure: Diagnostic?
        do {
            switch self {
            case .none: return nil
            case .recording(let input): return await input.read(send)
            case .pipe(let input):
                try await input.read { chunk in
                    failure = await Self.send(cutter.cut(chunk), send)
                    return failure == nil
                }
            case .other(let input):
                while failure == nil, let chunk = try input.read() {
                    failure = await Self.send(cutter.cut(chunk), send)
                }
            }
        } catch is CancellationError {
            // As `stop`: the connection has ended.
        } catch {
            return Diagnostic(.lost, "reading standard input failed: \(error)")
        }
        if let failure { return failure }
        return await Self.send(cutter.finish(), send)
    }

    private static func send(_ input: CutInput, _ send: (MessageBatch) async -> Diagnostic?) async -> Diagnostic? {
        if !input.batch.isEmpty, let failure = await send(input.batch) { return failure }
        return input.error.map { Diagnostic(.unsendableInput, $0.description) }
    }
}
