import NIOCore
import WebSocketClient
import WebSocketProtocol

/// What is read and sent without anybody typing, and how it is read.
enum PipeInput: Sendable {
    case none
    case pipe(PipedInput)
    /// In blocking calls.
    case other(StandardInput)

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
        guard plan.input == .standardInput else { return .none }
        if !log.isActive, let pipe = await PipedInput(on: eventLoop) { return .pipe(pipe) }
        return .other(try StandardInput())
    }

    /// Where it is read: on the event loop, unless that would block it.
    func executor(on eventLoop: any EventLoop) -> any TaskExecutor {
        if case .other = self { return QueueExecutor(label: "input") }
        return EventLoopExecutor(eventLoop)
    }

    /// Ends the reading.
    @Sendable
    func stop() {
        switch self {
        case .none: break
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
            case .pipe(let input):
                while failure == nil, let chunk = try await input.read() {
                    failure = await Self.send(cutter.cut(chunk), send)
                }
            case .other(let input):
                while failure == nil, let chunk = try input.read() {
                    failure = await Self.send(cutter.cut(chunk), send)
                }
            }
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
