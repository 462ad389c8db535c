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

    /// Runs the session to its end.
    ///
    /// - Throws: `Diagnostic` when it did not end as asked.
    func run() async throws {
        let input = try StandardInput()
        let loop = SessionLoop(
            plan: plan,
            connection: connection,
            signals: Signals([SIGINT, SIGTERM, SIGHUP]),
            log: log
        )
        let count = try await loop.run(
            inputExecutor: QueueExecutor(label: "input"),
            send: { .exhausted(await send(from: input)) },
            stopInput: input.stop,
            show: { arrival, limit throws(SystemCallError) -> Int in try show(arrival, limit) }
        )
        if let limit = plan.messageLimit, count < limit {
            notices.notice("wsline: the connection was closed after \(count) of \(limit) messages")
        }
    }

    /// Sends all there is to send; returns why it is not all, if so.
    private func send(from input: StandardInput) async -> Diagnostic? {
        if let failure = await send(plan.firstMessages) { return failure }
        guard plan.input == .standardInput else { return nil }
        var cutter = plan.framing.makeCutter(plan.messageKind)
        do throws(SystemCallError) {
            while let chunk = try input.read() {
                if let failure = await send(cutter.cut(chunk)) { return failure }
            }
        } catch {
            return Diagnostic(error)
        }
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
