import MessageText
import NIOCore
import NIOPosix
import Synchronization
import WebSocketTransport
import WebSocketProtocol

/// Talks with clients through a pipe: lines of standard input go to all of them, and what they send is printed on standard
/// output.
final class PipeTalk: Sendable {
    private let plan: ServePlan
    private let clients: Clients
    private let notices: Diagnostics
    private let input: PipeInput
    /// Where messages are written, one batch after the other, which may take its time.
    private let output = QueueExecutor(label: "output")
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    /// Messages read that no client was there to get.
    private let held = Mutex(0)

    /// Opens standard input.
    ///
    /// - Throws: `SystemCallError` when the process has no descriptor left.
    init(_ plan: ServePlan, _ clients: Clients, _ notices: Diagnostics) async throws(SystemCallError) {
        (self.plan, self.clients, self.notices) = (plan, clients, notices)
        input = try await PipeInput.open(on: eventLoop, mayBlock: false)
    }

    /// Sends what is read, to the end of standard input; what comes while there is no client waits for one.
    ///
    /// - Returns: why not all of it was read, if so.
    func feed() async -> Failure? {
        let reading = Task(executorPreference: input.executor(on: eventLoop)) { [self] in
            await input.read(Framing.lines.makeCutter(plan.messageKind)) { await send($0) }
        }
        return await reading.value
    }

    private func send(_ batch: MessageBatch) async -> Failure? {
        held.withLock { $0 = batch.messageCount }
        if clients.all.isEmpty { notices.verbose("* what was read from the input waits for a client") }
        while await clients.waitForOne() {
            let receivers = clients.post(batch)
            guard !receivers.isEmpty else { continue }
            held.withLock { $0 = 0 }
            await clients.waitForRoom(receivers)
            return nil
        }
        return Failure(.lost, "")
    }

    /// Ends the reading; tells when something had been read that nobody got.
    func stop() {
        input.stop()
        let count = held.withLock { $0 }
        guard count > 0 else { return }
        let messages = count == 1 ? "1 message" : "\(count) messages"
        notices.warn(
            "\(messages) read from the input had no client to go to, and \(count == 1 ? "was" : "were") not sent"
        )
    }

    /// Prints what a client has sent.
    ///
    /// - Throws: `SystemCallError` when that can't be done.
    func show(_ arrival: Inbound, _ client: Client) async throws(SystemCallError) {
        guard !arrival.batch.isEmpty else { return }
        try await withTaskExecutorPreference(output) { () throws(SystemCallError) in
            try print(arrival, client)
        }
    }

    private func print(_ arrival: Inbound, _ client: Client) throws(SystemCallError) {
        if plan.display.showsPingPong {
            for entry in arrival.batch.controlFrames {
                StandardStreams.writeError("\(client.number)< \(Presenter.words(entry, of: arrival.batch))\n")
            }
        }
        let destination: Presenter.Destination = plan.outputIsTerminal ? .terminal : .pipe(.lines)
        let printer = Presenter(destination: destination, settings: plan.display)
        var output: [UInt8] = []
        _ = printer.print(arrival.batch, at: arrival.time, limit: .max, to: &output)
        if !output.isEmpty { try StandardStreams.writeOutput(output) }
    }
}
