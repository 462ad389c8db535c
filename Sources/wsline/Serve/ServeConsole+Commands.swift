import LineEditor
import MessageText
import NIOCore
import WebSocketProtocol
import WebSocketTransport

extension ServeConsole {
    /// Performs the action of a typed line: sends a message or runs a command.
    func perform(_ line: String) {
        do throws(SlashCommand.Invalid) {
            switch LineKind(line) {
            case .message(let text): try send(MessageBatch(plan.messageKind, text.utf8), to: nil, text)
            case .command(let text): try perform(try ServerCommand(text))
            // The console of a server has no history with numbers.
            case .recall: try send(MessageBatch(plan.messageKind, line.utf8), to: nil, line)
            }
        } catch {
            terminal.say(error.message, .red)
        }
    }

    private func perform(_ command: ServerCommand) throws(SlashCommand.Invalid) {
        switch command {
        case .to(let number, let text): try send(MessageBatch(plan.messageKind, text.utf8), to: number, text)
        case .sending(let command, let number): try perform(command, to: number)
        case .clients: list()
        case .close(let number, let frame):
            for client in try choose(number) where !client.close(frame) {
                terminal.say("client \(client.number) is already closing")
            }
        case .ping(let number):
            for client in try choose(number) {
                let ping = MessageBatch(.ping, client.pings.start("").utf8)
                if client.post(ping) { keep(sent: ping, to: client.number) }
            }
        case .set(let setting, let change):
            if let setting, let change { terminal.display.apply(setting, change) }
            if setting == .verbose { diagnostics.setVerbose(terminal.display.isVerbose) }
            let (settings, now) = (setting.map { [$0] } ?? Setting.allCases, terminal.display)
            terminal.say(settings.map { $0.line(in: now) })
        case .scrollback(let command): terminal.perform(command, scrollback)
        case .repeating(let change): terminal.say(try change.apply(to: repeated))
        case .record(let file): terminal.record(to: file, log)
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

    // MARK: Sending

    private func perform(_ command: SendingCommand, to number: Int?) throws(SlashCommand.Invalid) {
        if let number { _ = try client(number) }
        switch command {
        case .again:
            guard let (message, receiver) = lastSent else { return terminal.say("no message has been sent yet") }
            try send(message, to: number ?? receiver, "the last message", isTyped: false)
        case .bytes(let bytes): try send(MessageBatch(.binary, bytes), to: number, "\(bytes.count) bytes")
        case .file(let file, let asBinary):
            terminal.readMessage(from: file, asBinary: asBinary || plan.sendsBinary) { [weak self] in
                self?.send($0, of: file, to: number)
            }
        case .lines(let file):
            terminal.readLines(from: file, as: plan.messageKind) { [weak self] batch, done in
                guard let self else { return }
                let receivers = post(batch, to: number)
                guard !receivers.isEmpty else { return done(Failure(.lost, absence(of: number))) }
                keep(sent: batch, to: number)
                whenRead(receivers) { done(nil) }
            }
        }
    }

    /// Sends a message to one client or to all; prints an error if nobody receives it.
    private func send(
        _ message: MessageBatch,
        to number: Int?,
        _ what: String,
        isTyped: Bool = true
    ) throws(SlashCommand.Invalid) {
        if let number { _ = try client(number) }
        lastSent = (message, number)
        guard !post(message, to: number).isEmpty else {
            let excerpt = what.count > 60 ? what.prefix(60) + "…" : what
            return terminal.say("not sent (\(absence(of: number))): \(excerpt)", .red)
        }
        if isTyped { keep(sent: message, to: number) } else { show(sent: message, to: number) }
    }

    private func send(_ message: MessageBatch, of file: String, to number: Int?) {
        lastSent = (message, number)
        let receivers = post(message, to: number)
        guard !receivers.isEmpty else { return terminal.say("not sent (\(absence(of: number))): \(file)", .red) }
        keep(sent: message, to: number)
        let kind = message.entries.first?.kind == .text ? "text" : "binary"
        let count = "\(receivers.count) client\(receivers.count == 1 ? "" : "s")"
        let peer = number.map { "client \($0)" } ?? count
        whenRead(receivers) { [terminal] in
            terminal.say("sent \(file) to \(peer): \(message.bytes.readableBytes) bytes, \(kind)")
        }
    }

    /// Sends a repeated message to all clients, if there are any, and shows it.
    func sendRepeated(_ text: String, _ done: @escaping ((any Error)?) -> Void) {
        let message = MessageBatch(plan.messageKind, text.utf8)
        let receivers = post(message, to: nil)
        if !receivers.isEmpty { show(sent: message, to: nil) }
        whenRead(receivers) { done(nil) }
    }

    /// Sends messages to one client or to all, without waiting.
    ///
    /// - Returns: the clients that were open.
    private func post(_ batch: MessageBatch, to number: Int?) -> [Client] {
        guard let number else { return clients.post(batch) }
        return clients[number].map { $0.post(batch) ? [$0] : [] } ?? []
    }

    /// The reason why nobody receives a message.
    private func absence(of number: Int?) -> String {
        guard let number else { return "no clients" }
        return "client \(number) is \(clients[number] == nil ? "gone" : "closing")"
    }

    /// Calls `body` when clients have read most of their messages.
    private func whenRead(_ receivers: [Client], _ body: @escaping () -> Void) {
        let body = NIOLoopBound(body, eventLoop: loop)
        Task { [clients, loop] in
            await clients.waitForRoom(receivers)
            loop.execute { body.value() }
        }
    }

    // MARK: Clients

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
        guard !all.isEmpty else { return terminal.say("there are no clients") }
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
