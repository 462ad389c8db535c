import WebSocketClient
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A session that nobody types at: lines of standard input or messages from the command line go out, and what comes is
/// printed on standard output.
struct PipeSession {
    let plan: SessionPlan
    let connection: Connection
    let notices: Notices

    /// Runs the session to its end.
    ///
    /// - Throws: `Diagnostic` when it did not end as asked.
    func run() async throws {
        let input = try StandardInput()
        let loop = SessionLoop(
            plan: plan,
            connection: connection,
            signals: Signals([SIGINT, SIGTERM, SIGHUP])
        )
        let sendAll: @Sendable () async -> SessionLoop.InputEnd = { await send(from: input) }
        let count = try await loop.run(
            inputExecutor: QueueExecutor(label: "input"),
            send: plan.input == .none ? nil : sendAll,
            stopInput: input.stop,
            show: { arrival, limit throws(SystemCallError) -> Int in try show(arrival, limit) }
        )
        if let limit = plan.messageLimit, count < limit {
            notices.notice("wsline: the connection was closed after \(count) of \(limit) messages")
        }
    }

    private func send(from input: StandardInput) async -> SessionLoop.InputEnd {
        if case .messages(let messages) = plan.input {
            var batch = MessageBatch()
            for message in messages { batch.append(plan.sendsBinary ? .binary : .text, message.utf8) }
            return .exhausted(await send(batch))
        }
        var framing = LineFraming(binary: plan.sendsBinary)
        do {
            while let chunk = try input.read() {
                let (batch, error) = framing.cut(chunk)
                if let failure = await send(batch) { return .exhausted(failure) }
                if let error { throw error }
            }
            return .exhausted(await send(try framing.finish()))
        } catch let error as LineFraming.NotUTF8 {
            let place = "line \(error.line) of standard input, byte \(error.byte)"
            let advice = "it and what follows were not sent; --binary sends any bytes"
            return .exhausted(Diagnostic(.unsendableInput, "\(place) is not UTF-8; \(advice)"))
        } catch {
            return .exhausted(Diagnostic(error))
        }
    }

    /// Sends a batch; returns how much of what was read has been lost, if it can't be sent.
    private func send(_ batch: MessageBatch) async -> Diagnostic? {
        guard !batch.isEmpty else { return nil }
        let count = batch.entries.count
        let messages = count == 1 ? "1 message" : "\(count) messages"
        do {
            try await connection.send(batch)
            return nil
        } catch is SendError {
            return Diagnostic(.lost, "\(messages) read from the input could not be sent: the connection was closed")
        } catch {
            return Diagnostic(.lost, "up to \(messages) read from the input may not have been sent")
        }
    }

    private func show(_ arrival: Arrival, _ limit: Int) throws(SystemCallError) -> Int {
        if plan.showsPingPong {
            for entry in arrival.batch.controlFrames {
                StandardStreams.writeError("< \(MessagePrinter.words(entry, of: arrival.batch))\n")
            }
        }
        let printer = MessagePrinter(destination: plan.outputIsTerminal ? .terminal : .pipe, showsPingPong: false)
        var output: [UInt8] = []
        let printed = printer.print(arrival.batch, limit: limit, to: &output)
        if !output.isEmpty { try StandardStreams.writeOutput(output) }
        return printed
    }
}
