import NIOCore
import WebSocketTransport
import WebSocketProtocol

/// What is read and sent without anybody typing, and how it is read.
enum PipeInput: Sendable {
    case none
    case pipe(PipedInput)
    /// In blocking calls.
    case other(StandardInput)
    case recording(RecordedInput)

    /// Opens standard input.
    ///
    /// - Parameters:
    ///   - eventLoop: carries the connection.
    ///   - mayBlock: whether what is read is handed on where that may block.
    /// - Returns: the input, not read yet.
    /// - Throws: `SystemCallError` when the process has no descriptor left.
    static func open(
        on eventLoop: any EventLoop,
        mayBlock: Bool
    ) async throws(SystemCallError) -> PipeInput {
        if !mayBlock, let pipe = await PipedInput(on: eventLoop) { return .pipe(pipe) }
        return .other(try StandardInput())
    }

    /// Where it is read: on the event loop, unless that would block it.
    func executor(on eventLoop: any EventLoop) -> any TaskExecutor {
        switch self {
        case .none, .pipe: EventLoopExecutor(eventLoop)
        case .other, .recording: QueueExecutor(label: "input")
        }
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
    ///   - cutter: cuts messages off it.
    ///   - begin: begins to send a batch, on the event loop, if that is where this is read.
    ///   - send: sends a batch; returns why that can't be.
    /// - Returns: why not all was read and handed on, if so.
    func read(
        _ cutter: any StreamDecoder,
        begin: PipeFeed.Begin? = nil,
        _ send: (MessageBatch) async -> Failure?
    ) async -> Failure? {
        var cutter = cutter
        var failure: Failure?
        do {
            switch self {
            case .none: return nil
            case .recording(let input): return await input.read(send)
            case .pipe(let input):
                if let begin { return try await PipeFeed(cutter, begin).read(input) }
                while failure == nil, let chunk = try await input.read() {
                    failure = await Self.send(cutter.cut(chunk), send)
                }
            case .other(let input):
                while failure == nil, let chunk = try input.read() {
                    failure = await Self.send(cutter.cut(chunk), send)
                }
            }
        } catch {
            return Failure(.lost, "reading standard input failed: \(error)")
        }
        if let failure { return failure }
        return await Self.send(cutter.finish(), send)
    }

    private static func send(_ input: DecodedInput, _ send: (MessageBatch) async -> Failure?) async -> Failure? {
        if !input.batch.isEmpty, let failure = await send(input.batch) { return failure }
        return input.error.map { Failure(.unsendableInput, $0.description) }
    }
}
