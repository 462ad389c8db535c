import Dispatch
import LineEditor
import MessageText
import NIOCore
import TestScript
import WebSocketProtocol
import WebSocketTransport

extension TerminalFrontEnd {
    /// The size in bytes from which sending a file shows its progress.
    private static let largeFile = 1 << 20

    /// Performs the action of a typed line: sends a message or runs a command.
    func perform(_ line: String) {
        do throws(SlashCommand.Invalid) {
            if let text = try snippets.message(line) { return sendSnippet(text) }
            switch try TypedLine(line) {
            case .message(let text): send(MessageBatch(plan.messageKind, text.utf8), text)
            case .command(let command): try perform(command)
            }
        } catch {
            say(error.message, .red)
        }
    }

    private func perform(_ command: SlashCommand) throws(SlashCommand.Invalid) {
        guard let session, let terminal else { return }
        switch command {
        case .ping(let data): send(MessageBatch(.ping, session.pings.start(data).utf8), "ping")
        case .pong(let data): send(MessageBatch(.pong, data.utf8), "pong")
        case .close(let frame): close(frame)
        case .quit: session.leave(.success)
        case .help(let name): terminal.say(CommandName.help(name))
        case .info: showInfo(session)
        case .edit: terminal.edit()
        case .reconnect(let url): session.reconnect(to: url)
        case .connect(let profile): connect(to: profile)
        case .set(let setting, let change): set(setting, change, terminal)
        case .filter(let change): terminal.say(try change.apply(to: &terminal.display.filter))
        case .on(let change): terminal.say(try change.apply(to: session.answerer.rules))
        case .pipe(let command):
            guard plan.outputIsTerminal else {
                throw SlashCommand.Invalid(message: "/pipe requires standard output to be the terminal")
            }
            displayPipe?.run(command)
        case .record(let file): terminal.record(to: file, session.log)
        case .history(let text): showHistory(containing: text)
        case .recall(let number): recall(number)
        case .scrollback(let command): terminal.perform(command, scrollback)
        case .sending(let command): perform(command, terminal)
        case .repeating(let change): terminal.say(try change.apply(to: session.sender.repeated, snippets))
        case .listSnippets:
            let lines = snippets.lines
            terminal.say(lines.isEmpty ? ["there are no snippets; /snippet NAME TEXT adds one"] : lines)
        case .addSnippet(let name, let text):
            try snippets.add(name, text)
            say("/\(name) sends it, in this session")
        }
    }

    // MARK: Sending

    /// Sends a batch of one entry; prints an error if that is not possible.
    func send(_ batch: MessageBatch, _ what: String) {
        if batch.messageCount > 0 { lastSent = batch }
        session?.sender.write(batch) { [weak self] error in
            guard error != nil else { return }
            let excerpt = what.count > 60 ? what.prefix(60) + "…" : what
            let reason = self?.report == nil ? "not connected" : "the connection is closed"
            self?.say("not sent (\(reason)): \(excerpt)", .red)
        }
    }

    /// Sends the content of a file.
    func send(_ batch: MessageBatch, of file: String) {
        lastSent = batch
        let size = batch.bytes.readableBytes
        let what = "\(size) bytes, \(batch.entries.first?.kind == .text ? "text" : "binary")"
        let progress = size >= Self.largeFile ? watch(size) : nil
        let start = NIODeadline.now()
        session?.sender.write(batch) { [weak self] error in
            progress?.cancel()
            guard let self else { return }
            guard error == nil else { return say("not sent (the connection is closed): \(file)", .red) }
            guard progress != nil else { return say("sent \(file): \(what)") }
            if report != nil { terminal?.show(.connected) }
            let milliseconds = (NIODeadline.now() - start).nanoseconds / 1_000_000
            say("sent \(file): \(what), in \(Seconds.format(Double(milliseconds) / 1000)) s")
        }
    }

    /// Shows the progress of sending the given number of bytes, until it is canceled.
    private func watch(_ size: Int) -> RepeatedTask {
        let frontEnd = NIOLoopBound(self, eventLoop: eventLoop)
        let interval = TimeAmount.milliseconds(100)
        return eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            guard let connection = frontEnd.value.session?.connection else { return }
            let sent = max(0, size - connection.bytesPending)
            frontEnd.value.terminal?.show(progress: "sent \(sent * 100 / size) % of \(size >> 20) MiB")
        }
    }

    // MARK: Showing

    private func set(_ setting: Setting?, _ change: Setting.Change?, _ terminal: UserTerminal) {
        if let setting, let change {
            terminal.display.apply(setting, change)
            if setting == .verbose { diagnostics.setVerbose(terminal.display.isVerbose) }
            if plan.printsEvents, setting.changesMessages {
                terminal.say("/set \(setting.rawValue) has no effect with --json")
            }
        }
        terminal.say((setting.map { [$0] } ?? Setting.allCases).map { $0.line(in: terminal.display) })
    }

    private func showInfo(_ session: Session) {
        if let report {
            terminal?.say(report.lines(roundTrip: session.pings.last, showsSecrets: plan.showsSecrets))
        } else {
            say("not connected; /reconnect connects to \(session.serverName)")
        }
        if hidden.total > 0 { say("hidden       \(hidden.total.grouped) message\(hidden.total == 1 ? "" : "s")") }
        if let path = session.log.recordingPath { say("recording to \(path)") }
    }

    private func showHistory(containing text: String) {
        // The last line is this command, which contains the text.
        let lines = text.isEmpty ? history.lines : history.lines.dropLast()
        let found = lines.enumerated().filter { text.isEmpty || $0.element.contains(text) }
        guard !found.isEmpty else {
            return say(text.isEmpty ? "the history is empty" : "no line in the history contains \"\(text)\"")
        }
        // The newest line is printed last, next to the prompt.
        let shown = found.suffix(text.isEmpty ? 100 : 1000)
        let width = String(lines.count).count
        if found.count > shown.count {
            say("the last \(shown.count) of \(found.count) lines; /history TEXT shows lines that contain TEXT")
        }
        terminal?.say(
            shown.map { number, line in
                let number = String(number + 1)
                return String(repeating: " ", count: width - number.count) + number + "  " + line
            }
        )
    }
}
