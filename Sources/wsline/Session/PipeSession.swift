import MessageText
import NIOCore
import WebSocketTransport
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
    let notices: Diagnostics
    let log: EventLog
    private let output = QueueExecutor(label: "output")

    init(plan: SessionPlan, connection: Connection, notices: Diagnostics, log: EventLog) {
        self.plan = plan
        self.connection = connection
        self.notices = notices
        self.log = log
    }

    /// Runs the session to its end.
    ///
    /// - Throws: `Failure` when it did not end as asked.
    func run() async throws {
        let input = try await plan.openInput(on: connection.eventLoop, log)
        let reception = try await makeLoop().run(
            inputExecutor: input.executor(on: connection.eventLoop),
            send: { .exhausted(await send(from: input)) },
            stopInput: { _ in input.stop() },
            showing: Showing(atOnce: showAtOnce, show: show)
        )
        tell(reception)
    }

    /// Runs one connection of a session that is kept, whose input goes on with the next.
    ///
    /// - Parameters:
    ///   - outlet: where the input goes.
    ///   - inputEnd: returns when there is no more input, or the task is cancelled.
    /// - Throws: `Failure` when it did not end as asked.
    func run(_ outlet: Outlet, inputEnd: @Sendable @escaping () async -> Failure?) async throws {
        let reception = try await makeLoop().run(
            inputExecutor: connection.executor,
            send: {
                if let failure = await send(plan.firstMessages) { return .exhausted(failure) }
                outlet.attach(connection)
                return .exhausted(await inputEnd())
            },
            stopInput: { outlet.detach($0) },
            showing: Showing { arrival, limit throws(SystemCallError) -> Int in
                outlet.take(arrival.batch)
                let count = try await show(arrival, limit)
                outlet.noteShown(count)
                return count
            }
        )
        tell(reception)
    }

    private func makeLoop() -> SessionLoop {
        SessionLoop(plan: plan, connection: connection, signals: Signals([SIGINT, SIGTERM, SIGHUP]), log: log)
    }

    private func tell(_ reception: Reception) {
        let count = reception.count
        // Whoever read our output has seen enough.
        if let limit = plan.messageLimit, count < limit, reception.failure == nil {
            notices.notice("wsline: the connection was closed after \(count) of \(limit) messages")
        }
    }

    @Sendable
    private func show(_ arrival: Inbound, _ limit: Int) async throws(SystemCallError) -> Int {
        if let count = try showAtOnce(arrival, limit) { return count }
        // It might block, and would keep the event loop.
        return try await withTaskExecutorPreference(output) { () throws(SystemCallError) -> Int in
            try print(arrival, limit)
        }
    }

    /// Prints what a pipe takes at once: one reply, say, needs no thread of its own.
    @Sendable
    private func showAtOnce(_ arrival: Inbound, _ limit: Int) throws(SystemCallError) -> Int? {
        guard arrival.batch.bytes.readableBytes <= StandardStreams.atomicSize, StandardStreams.outputTakesAtOnce,
            plan.printsMessages, !plan.display.showsPingPong, !log.isActive
        else { return nil }
        let (output, count) = printed(arrival, limit)
        guard output.count <= StandardStreams.atomicSize else { return nil }
        if output.isEmpty { return count }
        return try StandardStreams.writeOutputAtOnce(output) ? count : nil
    }

    /// Sends all there is to send; returns why it is not all, if so.
    private func send(from input: PipeInput) async -> Failure? {
        if let failure = await send(plan.firstMessages) { return failure }
        return await input.read(plan.inputCutter, begin: begin) { await send($0) }
    }

    /// Sends a batch; returns how much of what was read has been lost, if it can't be sent.
    private func send(_ batch: MessageBatch) async -> Failure? {
        guard !batch.isEmpty else { return nil }
        do {
            try log.write(batch, .sent)
            try await connection.send(batch)
            return nil
        } catch {
            return Self.failure(error, of: batch)
        }
    }

    /// Begins to send a batch, on the event loop, where no log is written.
    private func begin(_ batch: MessageBatch) -> EventLoopFuture<Failure?>? {
        connection.write(batch)?.map { nil }.recover { Self.failure($0, of: batch) }
    }

    private static func failure(_ error: any Error, of batch: MessageBatch) -> Failure {
        let count = batch.entries.count
        let messages = count == 1 ? "1 message" : "\(count) messages"
        if let error = error as? SystemCallError { return Failure(error) }
        let words =
            error is SendError
            ? "\(messages) read from the input could not be sent: the connection was closed"
            : "up to \(messages) read from the input may not have been sent"
        return Failure(.lost, words, mayPass: true)
    }

    private func print(_ arrival: Inbound, _ limit: Int) throws(SystemCallError) -> Int {
        if plan.display.showsPingPong, !plan.printsEvents {
            for entry in arrival.batch.controlFrames {
                StandardStreams.writeError("< \(Presenter.words(entry, of: arrival.batch))\n")
            }
        }
        try log.write(arrival.batch, .received, at: arrival.time, limit: limit)
        guard plan.printsMessages, !plan.printsEvents else { return min(limit, arrival.batch.messageCount) }
        let (output, count) = printed(arrival, limit)
        if !output.isEmpty { try StandardStreams.writeOutput(output) }
        return count
    }

    /// Returns what is to be printed of an arrival, and of how many messages.
    private func printed(_ arrival: Inbound, _ limit: Int) -> (output: [UInt8], count: Int) {
        let printer = Presenter(
            destination: plan.outputIsTerminal ? .terminal : .pipe(plan.framing),
            settings: plan.display
        )
        var output: [UInt8] = []
        let count = printer.print(arrival.batch, at: arrival.time, limit: limit, to: &output)
        return (output, count)
    }
}
