import MessageText
import NIOCore
import SystemPackage

/// The shell command of `/pipe` at a terminal, if there is one. Confined to its event loop.
final class DisplayPipe {
    /// The command that reads the messages; nil if they are shown directly.
    private(set) var command: DisplayCommand?
    /// The commands that may still be running.
    private var started: [DisplayCommand] = []
    private let terminal: UserTerminal
    private let loop: any EventLoop
    private let onChange: () -> Void

    /// Creates a pipe without a command.
    ///
    /// - Parameters:
    ///   - terminal: the terminal that shows the output.
    ///   - loop: the event loop of the session.
    ///   - onChange: called when `command` has changed.
    init(_ terminal: UserTerminal, on loop: any EventLoop, onChange: @escaping () -> Void) {
        (self.terminal, self.loop, self.onChange) = (terminal, loop, onChange)
    }

    /// Shows messages through a command from now on; nil shows them directly again.
    func run(_ text: String?) {
        guard let text else {
            guard command != nil else { return terminal.say("messages are shown directly; /pipe COMMAND changes that") }
            return stop { [terminal] in terminal.say("messages are shown directly again") }
        }
        let pipe = NIOLoopBound(self, eventLoop: loop)
        Task { [loop] in
            let result = await Result { try await DisplayCommand.start(text, on: loop) }
            loop.execute { pipe.value.started(text, result) }
        }
    }

    private func started(_ text: String, _ result: Result<DisplayCommand.Pipes, any Error>) {
        switch result {
        case .failure(let error):
            let reason = (error as? Errno).map { SystemCallError.words(of: $0) } ?? "\(error)"
            terminal.say("cannot start the command: \(reason)", .red)
        case .success(let pipes):
            stop()
            let command = DisplayCommand(pipes, terminal.sink, on: loop) { [terminal] lines in
                var presenter = Presenter(destination: .session, settings: terminal.display)
                presenter.clock = terminal.clock
                presenter.print(lines, at: .now(), to: terminal.sink)
            } ended: { [weak self] in
                self?.ended($0)
            }
            started = started.filter { !$0.hasEnded } + [command]
            self.command = command
            onChange()
            terminal.sink.observer = command
            terminal.say("messages are shown through \"\(text)\"; /pipe off shows them directly again")
        }
    }

    /// Ends the command, and calls `done` when its output has been shown.
    func stop(_ done: @escaping () -> Void = {}) {
        guard let command else { return done() }
        self.command = nil
        onChange()
        command.stop(done)
    }

    /// Ends all commands at once.
    func abort() {
        for command in started { command.abort() }
    }

    private func ended(_ status: Int32) {
        command = nil
        onChange()
        let color: Color = status == 0 ? .dim : .red
        terminal.say("the command exited with status \(status); messages are shown directly again", color)
    }
}

extension Result where Failure == any Error {
    /// Creates the result of an asynchronous closure.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
