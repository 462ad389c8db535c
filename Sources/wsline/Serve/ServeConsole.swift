import CPOSIX
import LineEditor
import MessageText
import NIOCore
import NIOHTTP1
import Synchronization
import WebSocketTransport
import WebSocketProtocol

/// The terminal session of `serve`: typed lines are commands or messages for all clients, and incoming messages appear
/// above the line being typed, labeled with the client's number. Confined to its event loop.
final class ServeConsole {
    let plan: ServePlan
    let clients: Clients
    let terminal: UserTerminal
    let rules: ReplyRules
    let diagnostics: Diagnostics
    let end: AsyncStream<Failure>.Continuation
    let loop: any EventLoop
    /// The messages of `/repeat`, which are sent while there are clients.
    let repeated: RepeatedMessages
    /// The events that `/record` writes.
    let log: EventLog
    private(set) var displayPipe: DisplayPipe?
    /// The last messages of all clients, for commands that look back.
    private(set) var scrollback: Scrollback
    /// The last message that the user sent, and the number of its receiver; nil for all clients.
    var lastSent: (message: MessageBatch, client: Int?)?
    private let output: ServeOutput
    private var hidden = PacedCount()

    /// Takes over the terminal.
    ///
    /// - Parameters:
    ///   - plan: the plan of the server.
    ///   - clients: the connected clients.
    ///   - rules: the rules that answer messages, which the user can change.
    ///   - diagnostics: prints details of connections, if the user wants them.
    ///   - end: receives the status when the user quits.
    ///   - standardOutput: the sink for messages; nil for the terminal.
    ///   - loop: the event loop that the console is confined to.
    /// - Throws: `Failure` if there is no terminal to type at.
    init(
        _ plan: ServePlan,
        _ clients: Clients,
        _ rules: ReplyRules,
        _ diagnostics: Diagnostics,
        _ end: AsyncStream<Failure>.Continuation,
        _ standardOutput: (any OutputSink)?,
        on loop: any EventLoop
    ) throws(Failure) {
        (self.plan, self.clients, self.end) = (plan, clients, end)
        (self.rules, self.diagnostics, self.loop) = (rules, diagnostics, loop)
        repeated = RepeatedMessages([], on: loop)
        log = EventLog(printsEvents: false, on: loop)
        scrollback = Scrollback(plan.scrollback)
        terminal = try UserTerminal(plan.display, outputIsTerminal: plan.outputIsTerminal, on: loop) {
            $0.completer = { Completer.complete($0, clients) }
        }
        output = ServeOutput(standardOutput ?? terminal.sink, on: loop)
        output.log = log
        displayPipe = DisplayPipe(terminal, on: loop) { [weak self] in
            guard let self else { return }
            output.sink = displayPipe?.command ?? terminal.sink
        }
        repeated.send = { [weak self] text, done in self?.sendRepeated(text, done) }
        repeated.connected()
        terminal.forEachEvent { [weak self] in self?.handle($0) }
    }

    /// Restores the terminal.
    func stop() -> EventLoopFuture<Void> {
        repeated.disconnected()
        let promise = terminal.makePromise()
        let release = { [terminal, output] in terminal.shutdown { promise.completeWith(output.flush()) } }
        if let displayPipe { displayPipe.stop(release) } else { release() }
        return promise.futureResult
    }

    /// A function that prints a line above the line being typed, callable from any thread.
    var printer: @Sendable (String, Color) -> Void { terminal.printer }

    /// Records the opening of a client's connection.
    func opened(_ client: Client) {
        let handshake = client.connection.handshake
        let host = handshake.request.headers.first(name: "host") ?? ""
        let url = Redaction.url("\(handshake.tls == nil ? "ws" : "wss")://\(host)\(handshake.request.uri)")
        log.write(.open(url: url, handshake, options: []), client: client.number)
    }

    /// Records the end of a client's connection.
    func ended(_ client: Client, _ outcome: CloseOutcome) {
        log.write(SessionEvent(outcome, atServer: true), client: client.number)
    }

    // MARK: Messages

    /// Prints messages from a client.
    ///
    /// - Returns: a future that succeeds when the output accepts more, and fails with `SystemCallError`.
    func show(_ inbound: Inbound, _ client: Client) -> EventLoopFuture<Void> {
        let settings = terminal.display
        if settings.showsPingPong, !plan.outputIsTerminal {
            let mark = "\(client.number)<"
            terminal.say(inbound.batch.controlFrames.map { "\(mark) \(Presenter.words($0, of: inbound.batch))" })
        }
        let isShown = plan.outputIsTerminal && displayPipe?.command == nil
        var presenter = Presenter(
            destination: isShown ? .session : .pipe(.lines),
            settings: displayPipe?.command == nil ? settings : settings.unchangedMessages
        )
        presenter.mark = String(client.number)
        let firstNumber = scrollback.add(inbound.batch, .received, client: client.number, at: inbound.time)
        if settings.showsNumbers, isShown { presenter.firstNumber = firstNumber }
        presenter.clock = terminal.clock
        let part = MessageView(settings, isTerminal: isShown).part(of: inbound.batch)
        var roundTrips: [Int: TimeAmount] = [:]
        for entry in inbound.batch.controlFrames where entry.kind == .pong {
            roundTrips[entry.offset] = client.pings.finish(inbound.batch.string(of: entry), at: inbound.time)
        }
        log.write(inbound.batch, .received, client: client.number, at: inbound.time) { roundTrips[$0.offset] }
        let printed = output.print(part, at: inbound.time, presenter)
        if let count = hidden.add(part.hidden, at: inbound.time) { terminal.say("… \(count.grouped) hidden") }
        diagnostics.notice(wholeMessages: part.tooLarge, at: inbound.time)
        for time in roundTrips.sorted(by: { $0.key < $1.key }).map(\.value) {
            terminal.say("pong from client \(client.number) after \(time.inMilliseconds)")
        }
        return printed
    }

    /// Shows messages to a client, or to all, that the user has not typed, and keeps them.
    ///
    /// - Returns: a future that succeeds when the output accepts more, and fails with `SystemCallError`.
    @discardableResult
    func show(sent batch: MessageBatch, to number: Int?) -> EventLoopFuture<Void> {
        if plan.outputIsTerminal, displayPipe?.command == nil {
            var presenter = Presenter(destination: .session, settings: terminal.display)
            presenter.direction = .sent
            presenter.mark = number.map(String.init) ?? ""
            presenter.clock = terminal.clock
            if terminal.display.showsNumbers { presenter.firstNumber = scrollback.newest + 1 }
            presenter.print(batch, at: .now(), to: terminal.sink)
        }
        keep(sent: batch, to: number)
        return output.room()
    }

    /// Adds messages to a client, or to all, to the scrollback and the recording.
    func keep(sent batch: MessageBatch, to number: Int?) {
        scrollback.add(batch, .sent, client: number, at: .now())
        if batch.messageCount > 0 { terminal.clock.advance(to: .now()) }
        log.write(batch, .sent, client: number)
    }

    private func handle(_ event: Terminal.Event) {
        switch event {
        case .interrupt: end.yield(Failure(.signal(SIGINT), ""))
        case .endOfInput: end.yield(Failure(.success, ""))
        case .unfinished: break
        case .edit: terminal.edit()
        case .line(let line): perform(line)
        }
    }
}
