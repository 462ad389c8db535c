import Dispatch
import LineEditor
import MessageText
import NIOCore
import SystemPackage
import TestScript
import WebSocketProtocol

/// Commands that send messages again, repeatedly or by name.
extension TerminalFrontEnd {
    func perform(_ command: SendingCommand) {
        do throws(SlashCommand.Invalid) {
            switch command {
            case .again:
                guard let lastSent else { return say("no message has been sent yet") }
                show(sent: lastSent)
                send(lastSent, "the last message")
            case .startRepeating(let interval, let line): try startRepeating(line, interval)
            case .listRepeated:
                let messages = session?.sender.repeated.messages ?? []
                guard !messages.isEmpty else { return say("no message is repeated; /repeat 5s TEXT repeats one") }
                terminal?.say(messages.map { "every \($0.interval) s: \($0.text)" })
            case .stopRepeating:
                let count = session?.sender.repeated.messages.count ?? 0
                session?.sender.repeated.removeAll()
                say(count == 0 ? "no message is repeated" : "stopped \(count) repeated message\(count == 1 ? "" : "s")")
            case .lines(let file): sendLines(of: file)
            case .listSnippets:
                let lines = snippets.lines
                terminal?.say(lines.isEmpty ? ["there are no snippets; /snippet NAME TEXT adds one"] : lines)
            case .addSnippet(let name, let text):
                try snippets.add(name, text)
                say("/\(name) sends it, in this session")
            }
        } catch {
            say(error.message, .red)
        }
    }

    /// Sends the message of a snippet, and shows it.
    func sendSnippet(_ text: String) {
        let batch = MessageBatch(plan.messageKind, text.utf8)
        show(sent: batch)
        send(batch, text)
    }

    /// Sends a repeated message, and shows it.
    func sendAgain(_ text: String, _ done: @escaping ((any Error)?) -> Void) {
        let batch = MessageBatch(plan.messageKind, text.utf8)
        show(sent: batch)
        session?.sender.write(batch, done)
    }

    /// Shows a message that the user has not typed.
    private func show(sent batch: MessageBatch) {
        if session?.connection != nil { show(answers: batch) }
    }

    private func startRepeating(_ line: String, _ interval: Seconds) throws(SlashCommand.Invalid) {
        guard let repeated = session?.sender.repeated else { return }
        let text: String
        switch LineKind(line) {
        case .message(let message): text = message
        case .command, .recall:
            guard let message = try snippets.message(line) else {
                throw SlashCommand.Invalid(message: "/repeat repeats messages and snippets, not \"\(line)\"")
            }
            text = message
        }
        guard repeated.add(RepeatedMessage(interval: interval, text: text)) else {
            throw SlashCommand.Invalid(
                message: "not repeated: there are \(RepeatedMessages.limit) repeated messages; /repeat stop stops them"
            )
        }
    }

    // MARK: Lines of a file

    /// Sends each line of a file as a message, at the peer's pace.
    private func sendLines(of file: String) {
        let frontEnd = NIOLoopBound(self, eventLoop: eventLoop)
        // Opening a FIFO blocks until it has a writer.
        DispatchQueue(label: "file").async { [eventLoop] in
            let opened = Result { () throws(Failure) in
                do {
                    return try FileDescriptor.open(UserPath.expand(file), .readOnly, options: .closeOnExec)
                } catch {
                    let reason = SystemCallError.words(of: error as? Errno ?? .ioError)
                    throw Failure(.noInput, "cannot read \"\(file)\": \(reason)")
                }
            }
            eventLoop.execute { frontEnd.value.sendLines(opened, of: file) }
        }
    }

    private func sendLines(_ opened: Result<FileDescriptor, Failure>, of file: String) {
        let descriptor: FileDescriptor
        switch opened {
        case .failure(let failure): return say("\(failure.message); not sent", .red)
        case .success(let opened): descriptor = opened
        }
        var sent = 0
        let feed = InputFeed(ThreadSource(descriptor, eventLoop), Framing.lines.makeDecoder(plan.messageKind))
        feed.start { [weak self] batch, done in
            guard let session = self?.session else { return }
            session.sender.sendNow(batch) { failure in
                if failure == nil { sent += batch.messageCount }
                done(failure)
            }
        } ended: { [weak self] failure in
            // The feed refers to itself until here.
            feed.stop()
            try? descriptor.close()
            let lines = "\(sent) line\(sent == 1 ? "" : "s") of \(file)"
            guard let failure else { self?.say("sent \(lines)"); return }
            self?.say("sent \(lines); \(failure.message.replacing("standard input", with: "the file"))", .red)
        }
    }

    // MARK: History

    /// Puts a line of the history on the prompt.
    func recall(_ number: Int) {
        let lines = history.lines
        guard lines.indices.contains(number - 1) else {
            return say("the history has no line \(number); /history lists its last lines", .red)
        }
        terminal?.terminal.recall(lines[number - 1])
    }

    // MARK: Profiles

    /// Connects to the server of a profile, with the options of the configuration file.
    func connect(to profile: String) {
        guard plan.readsConfig else { return say("profiles are not available (--no-config)", .red) }
        let frontEnd = NIOLoopBound(self, eventLoop: eventLoop)
        // The file can name other files.
        DispatchQueue(label: "file").async { [eventLoop] in
            let connection = Result { try ConfigFile.connection(profile: profile) }
            eventLoop.execute {
                switch connection {
                case .success(let (url, configuration)): frontEnd.value.session?.reconnect(to: url, configuration)
                case .failure(let error): frontEnd.value.say(Failure(error).message, .red)
                }
            }
        }
    }
}
