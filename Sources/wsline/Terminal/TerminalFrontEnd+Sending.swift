import Dispatch
import LineEditor
import MessageText
import NIOCore
import TestScript
import WebSocketProtocol

/// Commands that send messages other than the typed line.
extension TerminalFrontEnd {
    func perform(_ command: SendingCommand, _ terminal: UserTerminal) {
        switch command {
        case .again:
            guard let lastSent else { return say("no message has been sent yet") }
            show(sent: lastSent)
            send(lastSent, "the last message")
        case .bytes(let bytes): send(MessageBatch(.binary, bytes), "\(bytes.count) bytes")
        case .file(let file, let asBinary):
            terminal.readMessage(from: file, asBinary: asBinary || plan.sendsBinary) { [weak self] in
                self?.send($0, of: file)
            }
        case .lines(let file):
            terminal.readLines(from: file, as: plan.messageKind) { [weak self] batch, done in
                self?.session?.sender.sendNow(batch, done)
            }
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
            let connection = Result {
                let (target, settings) = try ConfigFile.connection("@" + profile)
                guard let url = target.server else {
                    throw Failure(.usage, "/reconnect cannot start the built-in echo server; run wsline @\(profile)")
                }
                return (url, try ConnectionSetup.configuration(settings, for: url, .script))
            }
            eventLoop.execute {
                switch connection {
                case .success(let (url, configuration)): frontEnd.value.session?.reconnect(to: url, configuration)
                case .failure(let error): frontEnd.value.say(Failure(error).message, .red)
                }
            }
        }
    }
}
