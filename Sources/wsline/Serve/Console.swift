import LineEditor
import MessageText
import NIOCore
import Synchronization
import WebSocketTransport
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Talks with clients at the terminal: lines typed go to all of them, or are commands, and what they send stands above the
/// line being typed, marked with the client's number.
final class Console: Sendable {
    private let plan: ServePlan
    private let clients: Clients
    private let end: AsyncStream<Failure>.Continuation
    private let terminal: Terminal
    private let display: Mutex<DisplaySettings>
    /// Where messages are made ready to be shown, and written if that is elsewhere, which may take its time.
    private let output = QueueExecutor(label: "output")
    private let tasks = Mutex<(reading: Task<Void, Never>, doing: Task<Void, Never>)?>(nil)

    /// Takes the terminal over.
    ///
    /// - Parameters:
    ///   - plan: how messages are sent and shown.
    ///   - clients: whom it talks with.
    ///   - end: gets the status with which the user leaves.
    /// - Throws: `TerminalError` or `Failure` when there is no terminal to type at.
    init(_ plan: ServePlan, _ clients: Clients, _ end: AsyncStream<Failure>.Continuation) throws {
        (self.plan, self.clients, self.end) = (plan, clients, end)
        display = Mutex(plan.display)
        terminal = try Terminal.ofUser(outputIsTerminal: plan.outputIsTerminal) { configuration in
            configuration.prompt = SessionScreen.prompt(.connected, isColored: plan.display.isColored)
            configuration.completer = { Completer.complete($0, clients) }
        }
        let (lines, continuation) = AsyncStream.makeStream(of: Terminal.Event.self)
        // One task reads the terminal and waits for nothing else, so that Ctrl-C works at once.
        let reading = Task { [terminal, end] in
            for await event in terminal.events {
                switch event {
                case .interrupt: end.yield(Failure(.signal(SIGINT), ""))
                case .endOfInput: end.yield(Failure(.success, ""))
                case .line, .edit: continuation.yield(event)
                case .unfinished: break
                }
            }
            continuation.finish()
        }
        let doing = Task { [weak self] in
            for await event in lines { await self?.perform(event) }
        }
        tasks.withLock { $0 = (reading, doing) }
    }

    /// Gives the terminal back.
    func stop() async {
        await terminal.shutdown()
        guard let (reading, doing) = tasks.withLock({ $0 }) else { return }
        await reading.value
        doing.cancel()
    }

    // MARK: What is shown

    /// Prints a notice above the line that is typed, without waiting until there is room for it.
    @Sendable
    func tell(_ line: String) {
        terminal.tell(line, isColored: plan.display.isColored)
    }

    private func say(_ lines: [String]) async {
        await terminal.say(lines, isColored: plan.display.isColored, columns: plan.outputIsTerminal ? 1 : 0)
    }

    private func say(_ line: String) async {
        await say([line])
    }

    /// Shows what a client has sent.
    ///
    /// - Throws: `SystemCallError` when standard output is elsewhere, and can't be written.
    func show(_ arrival: Inbound, _ client: Client) async throws(SystemCallError) {
        guard !arrival.batch.isEmpty else { return }
        try await withTaskExecutorPreference(output) { () async throws(SystemCallError) in
            try await print(arrival, client)
        }
    }

    private func print(_ arrival: Inbound, _ client: Client) async throws(SystemCallError) {
        let settings = display.withLock { $0 }
        if settings.showsPingPong, !plan.outputIsTerminal {
            let mark = "\(client.number)<"
            await say(arrival.batch.controlFrames.map { "\(mark) \(Presenter.words($0, of: arrival.batch))" })
        }
        var printer = Presenter(destination: plan.outputIsTerminal ? .session : .pipe(.lines), settings: settings)
        printer.mark = String(client.number)
        var output: [UInt8] = []
        _ = printer.print(arrival.batch, at: arrival.time, limit: .max, to: &output)
        if !output.isEmpty {
            if plan.outputIsTerminal {
                await terminal.print(output)
            } else {
                try StandardStreams.writeOutput(output)
            }
        }
        for entry in arrival.batch.controlFrames where entry.kind == .pong {
            guard let time = client.pings.finish(arrival.batch.string(of: entry), at: arrival.time) else { continue }
            await say("pong of client \(client.number) after \(time.inMilliseconds)")
        }
    }

    // MARK: What is typed

    private func perform(_ event: Terminal.Event) async {
        switch event {
        case .interrupt, .endOfInput, .unfinished: break
        case .edit(let text): if let failure = await terminal.edit(text) { await say(failure.message) }
        case .line(let line):
            do throws(SlashCommand.Invalid) {
                switch LineKind(line) {
                case .message(let text): await send(text)
                case .command(let text): try await perform(try ServerCommand(text))
                }
            } catch {
                await say(error.message)
            }
        }
    }

    private func send(_ text: String) async {
        let receivers = clients.post(MessageBatch(plan.messageKind, text.utf8))
        if receivers.isEmpty { await say("not sent, there is no client: \(Self.excerpt(of: text))") }
    }

    private static func excerpt(of text: String) -> String { text.count > 60 ? text.prefix(60) + "…" : text }

    private func perform(_ command: ServerCommand) async throws(SlashCommand.Invalid) {
        switch command {
        case .to(let number, let text):
            guard try client(number).post(MessageBatch(plan.messageKind, text.utf8)) else {
                return await say("not sent, client \(number) is closing: \(Self.excerpt(of: text))")
            }
        case .clients: await list()
        case .close(let number, let frame):
            for client in try choose(number) where !client.close(frame) {
                await say("client \(client.number) is closing already")
            }
        case .ping(let number):
            for client in try choose(number) { client.post(MessageBatch(.ping, client.pings.start("").utf8)) }
        case .set(let setting, let change):
            if let setting, let change { display.withLock { $0.apply(setting, change) } }
            let (settings, now) = (setting.map { [$0] } ?? Setting.allCases, display.withLock { $0 })
            await say(settings.map { $0.line(in: now) })
        case .help(let name): await say(ServerCommandName.help(name))
        case .quit: end.yield(Failure(.success, ""))
        }
    }

    private func client(_ number: Int) throws(SlashCommand.Invalid) -> Client {
        if let client = clients[number] { return client }
        let there = clients.all.prefix(10).map { String($0.number) }.joined(separator: ", ")
        let hint = there.isEmpty ? "there is none" : "/clients lists those that there are: \(there)"
        throw SlashCommand.Invalid(message: "there is no client \(number); \(hint)")
    }

    /// The client with a number, or all of them.
    private func choose(_ number: Int?) throws(SlashCommand.Invalid) -> [Client] {
        if let number { return [try client(number)] }
        let all = clients.all
        guard !all.isEmpty else { throw SlashCommand.Invalid(message: "there is no client") }
        return all
    }

    private func list() async {
        let all = clients.all
        guard !all.isEmpty else { return await say("there is no client") }
        let width = all.last.map { String($0.number).count } ?? 0
        await say(
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
