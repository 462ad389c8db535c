import CPOSIX
import LineEditor
import MessageText
import NIOCore
import Synchronization
import WebSocketTransport
import WebSocketProtocol

/// The terminal session of `serve`: typed lines are commands or messages for all clients, and incoming messages appear
/// above the line being typed, labeled with the client's number. Confined to its event loop.
final class ServeConsole {
    private let plan: ServePlan
    private let clients: Clients
    private let end: AsyncStream<Failure>.Continuation
    private let terminal: UserTerminal
    private let output: ServeOutput
    private let rules: ReplyRules
    private let diagnostics: Diagnostics
    private var hidden = HiddenCount()
    private var displayPipe: DisplayPipe?

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
        (self.rules, self.diagnostics) = (rules, diagnostics)
        terminal = try UserTerminal(plan.display, outputIsTerminal: plan.outputIsTerminal, on: loop) {
            $0.completer = { Completer.complete($0, clients) }
        }
        output = ServeOutput(standardOutput ?? terminal.sink, on: loop)
        displayPipe = DisplayPipe(terminal, on: loop) { [weak self] in
            guard let self else { return }
            output.sink = displayPipe?.command ?? terminal.sink
        }
        terminal.forEachEvent { [weak self] in self?.handle($0) }
    }

    /// Restores the terminal.
    func stop() -> EventLoopFuture<Void> {
        let promise = terminal.makePromise()
        let release = { [terminal, output] in terminal.shutdown { promise.completeWith(output.flush()) } }
        if let displayPipe { displayPipe.stop(release) } else { release() }
        return promise.futureResult
    }

    /// A function that prints a line above the line being typed, callable from any thread.
    var printer: @Sendable (String, Color) -> Void { terminal.printer }

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
        presenter.clock = terminal.clock
        let part = MessageView(settings, isTerminal: isShown).part(of: inbound.batch)
        let printed = output.print(part, at: inbound.time, presenter)
        if let notice = hidden.add(part.hidden, at: inbound.time.uptimeNanoseconds) { say(notice) }
        for entry in inbound.batch.controlFrames where entry.kind == .pong {
            guard let time = client.pings.finish(inbound.batch.string(of: entry), at: inbound.time) else { continue }
            terminal.say("pong from client \(client.number) after \(time.inMilliseconds)")
        }
        return printed
    }

    // MARK: The user's input

    private func handle(_ event: Terminal.Event) {
        switch event {
        case .interrupt: end.yield(Failure(.signal(SIGINT), ""))
        case .endOfInput: end.yield(Failure(.success, ""))
        case .unfinished: break
        case .edit: terminal.edit()
        case .line(let line):
            do throws(SlashCommand.Invalid) {
                switch LineKind(line) {
                case .message(let text): send(text)
                case .command(let text): try perform(try ServerCommand(text))
                // The console of a server has no history with numbers.
                case .recall: send(line)
                }
            } catch {
                terminal.say(error.message, .red)
            }
        }
    }

    private func say(_ line: String) {
        terminal.say(line)
    }

    private func send(_ text: String) {
        let receivers = clients.post(MessageBatch(plan.messageKind, text.utf8))
        if receivers.isEmpty { terminal.say("not sent (no clients): \(Self.excerpt(of: text))", .red) }
    }

    private static func excerpt(of text: String) -> String { text.count > 60 ? text.prefix(60) + "…" : text }

    private func perform(_ command: ServerCommand) throws(SlashCommand.Invalid) {
        switch command {
        case .to(let number, let text):
            guard try client(number).post(MessageBatch(plan.messageKind, text.utf8)) else {
                return terminal.say("not sent (client \(number) is closing): \(Self.excerpt(of: text))", .red)
            }
        case .clients: list()
        case .close(let number, let frame):
            for client in try choose(number) where !client.close(frame) {
                say("client \(client.number) is already closing")
            }
        case .ping(let number):
            for client in try choose(number) { client.post(MessageBatch(.ping, client.pings.start("").utf8)) }
        case .set(let setting, let change):
            if let setting, let change { terminal.display.apply(setting, change) }
            if setting == .verbose { diagnostics.setVerbose(terminal.display.isVerbose) }
            let (settings, now) = (setting.map { [$0] } ?? Setting.allCases, terminal.display)
            terminal.say(settings.map { $0.line(in: now) })
        case .filter(let change): terminal.say(try change.apply(to: &terminal.display.filter))
        case .on(let change): terminal.say(try change.apply(to: rules))
        case .pipe(let command):
            guard plan.outputIsTerminal else {
                throw SlashCommand.Invalid(message: "/pipe requires standard output to be the terminal")
            }
            displayPipe?.run(command)
        case .help(let name): terminal.say(ServerCommandName.help(name))
        case .quit: end.yield(Failure(.success, ""))
        }
    }

    private func client(_ number: Int) throws(SlashCommand.Invalid) -> Client {
        if let client = clients[number] { return client }
        let there = clients.all.prefix(10).map { String($0.number) }.joined(separator: ", ")
        let hint = there.isEmpty ? "there are no clients" : "clients: \(there)"
        throw SlashCommand.Invalid(message: "unknown client \(number); \(hint)")
    }

    /// Returns the client with a number, or all clients.
    private func choose(_ number: Int?) throws(SlashCommand.Invalid) -> [Client] {
        if let number { return [try client(number)] }
        let all = clients.all
        guard !all.isEmpty else { throw SlashCommand.Invalid(message: "there are no clients") }
        return all
    }

    private func list() {
        let all = clients.all
        guard !all.isEmpty else { return say("there are no clients") }
        let width = all.last.map { String($0.number).count } ?? 0
        terminal.say(
            all.map { client in
                let number = String(client.number)
                let counts = client.connection.statistics
                let pending = client.connection.bytesPosted
                return String(repeating: " ", count: width - number.count) + number + "  \(client.address), for "
                    + ConnectionReport.time(.now() - client.start)
                    + ", \(counts.messagesReceived) received, \(counts.messagesSent) sent"
                    + (pending >= 1024 ? ", \(pending >> 10) KiB waiting" : "") + (client.isOpen ? "" : ", closing")
            }
        )
    }
}
