import NIOCore
import WebSocketClient
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A session that nobody types at: messages from the command line and from standard input go out, and what comes is printed
/// on standard output.
struct PipeSession {
    let plan: SessionPlan
    let connection: Connection
    let notices: Notices
    let log: EventLog
    private let output = QueueExecutor(label: "output")

    init(plan: SessionPlan, connection: Connection, notices: Notices, log: EventLog) {
        self.plan = plan
        self.connection = connection
        self.notices = notices
        self.log = log
    }

    /// Runs the session to its end.
    ///
    /// - Throws: `Diagnostic` when it did not end as asked.
    func run() async throws {
        let input = try await openInput()
        let loop = SessionLoop(
            plan: plan,
            connection: connection,
            signals: Signals([SIGINT, SIGTERM, SIGHUP]),
            log: log
        )
        let count = try await loop.run(
            inputExecutor: input.executor(or: connection.executor),
            send: { .exhausted(await send(from: input)) },
            stopInput: input.stop,
            show: { arrival, limit throws(SystemCallError) -> Int in
                // One reply, say, needs no thread of its own; more might block, and would keep the event loop.
                if arrival.batch.bytes.readableBytes <= Self.atOnce, canPrintAtOnce { return try show(arrival, limit) }
                return try await withTaskExecutorPreference(output) { () throws(SystemCallError) -> Int in
                    try show(arrival, limit)
                }
            }
        )
        if let limit = plan.messageLimit, count < limit {
            notices.notice("wsline: the connection was closed after \(count) of \(limit) messages")
        }
    }

    /// Where the input comes from, and how it is read.
    private enum Input {
        case none
        case pipe(PipedInput)
        /// In blocking calls.
        case other(StandardInput)

        func executor(or loop: any TaskExecutor) -> any TaskExecutor {
            if case .other = self { return QueueExecutor(label: "input") }
            return loop
        }

        func stop() {
            switch self {
            case .none: break
            case .pipe(let input): input.stop()
            case .other(let input): input.stop()
            }
        }
    }

    private func openInput() async throws(SystemCallError) -> Input {
        guard plan.input == .standardInput else { return .none }
        // What is recorded is written where it is sent, which may block.
        if !log.isActive, let pipe = await PipedInput(on: connection.eventLoop) { return .pipe(pipe) }
        return .other(try StandardInput())
    }

    /// What a pipe takes at once with its delimiters, when it takes anything (POSIX's PIPE_BUF is 512 at least, Linux's
    /// 4096).
    private static let atOnce = 256

    private var canPrintAtOnce: Bool {
        !log.isActive && !plan.display.pretty && plan.display.binaryStyle == nil && StandardStreams.outputTakesAtOnce
    }

    /// Sends all there is to send; returns why it is not all, if so.
    private func send(from input: Input) async -> Diagnostic? {
        if let failure = await send(plan.firstMessages) { return failure }
        var cutter = plan.framing.makeCutter(plan.messageKind)
        var failure: Diagnostic?
        do {
            switch input {
            case .none: return nil
            case .pipe(let input):
                try await input.read { chunk in
                    failure = await send(cutter.cut(chunk))
                    return failure == nil
                }
            case .other(let input):
                while failure == nil, let chunk = try input.read() { failure = await send(cutter.cut(chunk)) }
            }
        } catch is CancellationError {
            // As `stop`: the connection has ended.
        } catch {
            return Diagnostic(.lost, "reading standard input failed: \(error)")
        }
        if let failure { return failure }
        return await send(cutter.finish())
    }

    private func send(_ input: CutInput) async -> Diagnostic? {
        if let failure = await send(input.batch) { return failure }
        return input.error.map { Diagnostic(.unsendableInput, $0.description) }
    }

    /// Sends a batch; returns how much of what was read has been lost, if it can't be sent.
    private func send(_ batch: MessageBatch) async -> Diagnostic? {
        guard !batch.isEmpty else { return nil }
        let count = batch.entries.count
        let messages = count == 1 ? "1 message" : "\(count) messages"
        do {
            try log.write(batch, .sent)
            try await connection.send(batch)
            return nil
        } catch let error as SystemCallError {
            return Diagnostic(error)
        } catch is SendError {
            return Diagnostic(.lost, "\(messages) read from the input could not be sent: the connection was closed")
        } catch {
            return Diagnostic(.lost, "up to \(messages) read from the input may not have been sent")
        }
    }

    private func show(_ arrival: Arrival, _ limit: Int) throws(SystemCallError) -> Int {
        if plan.display.showsPingPong, !plan.printsEvents {
            for entry in arrival.batch.controlFrames {
                StandardStreams.writeError("< \(MessagePrinter.words(entry, of: arrival.batch))\n")
            }
        }
        try log.write(arrival.batch, .received, at: arrival.time, limit: limit)
        guard plan.printsMessages, !plan.printsEvents else { return min(limit, arrival.batch.messageCount) }
        let printer = MessagePrinter(
            destination: plan.outputIsTerminal ? .terminal : .pipe(plan.framing),
            settings: plan.display
        )
        var output: [UInt8] = []
        let printed = printer.print(arrival.batch, at: arrival.time, limit: limit, to: &output)
        if !output.isEmpty { try StandardStreams.writeOutput(output) }
        return printed
    }
}
