import MessageText
import NIOCore
import WebSocketProtocol
import WebSocketTransport

/// Connects the clients of `serve` to pipes: lines of standard input go to all clients, and their messages are printed
/// to standard output. Confined to its event loop.
final class ServePipe {
    private let plan: ServePlan
    private let clients: Clients
    private let diagnostics: Diagnostics
    private let loop: any EventLoop
    private let feed: InputFeed
    private let output: ServeOutput
    private let presenter: Presenter
    private let view: MessageView
    private var feeding: Task<Void, Never>?
    /// The number of messages that were read but not yet sent, because no client was connected.
    private var held = 0

    init(
        _ plan: ServePlan,
        _ clients: Clients,
        _ diagnostics: Diagnostics,
        _ input: any InputSource,
        _ output: any OutputSink,
        on loop: any EventLoop
    ) {
        (self.plan, self.clients, self.diagnostics, self.loop) = (plan, clients, diagnostics, loop)
        feed = InputFeed(input, Framing.lines.makeDecoder(plan.messageKind))
        self.output = ServeOutput(output, on: loop)
        presenter = Presenter(
            destination: plan.outputIsTerminal ? .terminal : .pipe(.lines),
            settings: plan.display
        )
        view = MessageView(plan.display, isTerminal: plan.outputIsTerminal)
    }

    /// Sends standard input to its end. While no client is connected, messages wait for one.
    ///
    /// - Parameter ended: called at the end of input; with a failure if not everything was read.
    func start(ended: @escaping (Failure?) -> Void) {
        feed.start(send: { [weak self] batch, done in self?.send(batch, done) }, ended: ended)
    }

    private func send(_ batch: MessageBatch, _ done: @escaping (Failure?) -> Void) {
        held = batch.messageCount
        if clients.all.isEmpty { diagnostics.verbose("* waiting for a client to send the input to") }
        let pipe = NIOLoopBound((self, done), eventLoop: loop)
        feeding = Task { [clients, loop] in
            while await clients.waitForOne() {
                let receivers = clients.post(batch)
                guard !receivers.isEmpty else { continue }
                loop.execute { pipe.value.0.held = 0 }
                await clients.waitForRoom(receivers)
                return loop.execute { pipe.value.1(nil) }
            }
        }
    }

    /// Stops the input. Warns if messages were read that no client received.
    func stopInput() {
        feed.stop()
        feeding?.cancel()
        if held > 0 {
            let messages = held == 1 ? "1 message" : "\(held) messages"
            diagnostics.warn(
                "\(messages) read from the input not sent: no client was connected"
            )
        }
    }

    /// Returns a future that succeeds when all output has been written.
    func flush() -> EventLoopFuture<Void> { output.flush() }

    /// Prints messages from a client.
    ///
    /// - Returns: a future that succeeds when the output accepts more, and fails with `SystemCallError`.
    func show(_ inbound: Inbound, _ client: Client) -> EventLoopFuture<Void> {
        if plan.display.showsPingPong {
            for entry in inbound.batch.controlFrames {
                diagnostics.say("\(client.number)< \(Presenter.words(entry, of: inbound.batch))")
            }
        }
        let part = view.part(of: inbound.batch)
        diagnostics.notice(wholeMessages: part.tooLarge, at: inbound.time)
        return output.print(part, at: inbound.time, presenter)
    }
}
