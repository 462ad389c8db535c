import CPOSIX
import LineEditor
import MessageText
import NIOCore
import TestScript
import WebSocketProtocol
import WebSocketTransport

/// The front end of a session at a terminal: typed lines are messages and commands, and incoming messages appear above
/// the line being typed.
final class TerminalFrontEnd: FrontEnd {
    let plan: SessionPlan
    let history: TypedHistory
    let diagnostics: Diagnostics
    let eventLoop: any EventLoop
    /// Opened with the first connection; until then, Ctrl-C ends the process as usual.
    private(set) var terminal: UserTerminal?
    private(set) weak var session: Session?
    private(set) var report: ConnectionReport?
    /// The number of messages that the filter hides.
    private(set) var hidden = PacedCount()
    /// The command of `/pipe`, opened with the terminal.
    private(set) var displayPipe: DisplayPipe?
    /// Whether the session waits for the user to reconnect.
    private var isDisconnected = false
    /// The last messages, for commands that look back.
    private(set) var scrollback: Scrollback
    /// The last message that the user sent.
    var lastSent: MessageBatch?
    let snippets: Snippets
    /// The sink for standard output if that is not the terminal; nil otherwise.
    private var standardOutput: (any OutputSink)?

    /// Creates a front end.
    ///
    /// - Parameters:
    ///   - plan: the plan of the session.
    ///   - history: the lines of earlier sessions.
    ///   - standardOutput: the sink for messages; nil for the terminal.
    ///   - diagnostics: prints notices, above the line while the terminal is open.
    ///   - eventLoop: the event loop of the session.
    init(
        _ plan: SessionPlan,
        _ history: TypedHistory,
        _ standardOutput: (any OutputSink)?,
        _ diagnostics: Diagnostics,
        on eventLoop: any EventLoop
    ) {
        (self.plan, self.history, self.standardOutput) = (plan, history, standardOutput)
        (self.diagnostics, self.eventLoop) = (diagnostics, eventLoop)
        scrollback = Scrollback(plan.scrollback)
        snippets = plan.snippets
    }

    var output: (any OutputSink)? { displayPipe?.command ?? standardOutput ?? terminal?.sink }

    /// Whether messages are printed on the terminal, and not to a pipe, a file or a command.
    private var showsMessages: Bool { plan.outputIsTerminal && displayPipe?.command == nil }

    var view: MessageView {
        MessageView(
            terminal?.display ?? plan.display,
            isTerminal: showsMessages,
            showsWholeMessages: plan.printsEvents
        )
    }

    var holdsInput: Bool { false }

    func settleInput(_ done: @escaping () -> Void) { done() }

    // MARK: The connection

    func connecting() {
        isDisconnected = false
        terminal?.show(.reconnecting)
    }

    func attemptIsSlow(to name: String) {
        diagnostics.notice("connecting to \(name) …")
    }

    func connected(_ connection: Connection, to url: WebSocketURL, _ session: Session) throws(Failure) {
        self.session = session
        session.sender.onWrite = { [weak self] in self?.keep(sent: $0) }
        session.sender.repeated.send = { [weak self] text, done in self?.sendAgain(text, done) }
        if terminal == nil { try openTerminal() }
        report = ConnectionReport(url: url, connection: connection, start: .now())
        terminal?.show(.connected)
        if plan.verbosity > .quiet { announce("connected to \(url) (/help lists the commands, Ctrl-D closes)") }
        guard !plan.messages.isEmpty else { return }
        if lastSent == nil { lastSent = plan.messages.last.map { MessageBatch(plan.messageKind, $0) } }
        session.sender.write(plan.firstMessages) { [weak self] error in
            if error != nil { self?.say("the messages of -x were not sent: the connection is closed", .red) }
        }
    }

    /// Notes messages that have been sent, whether they are shown or not.
    private func keep(sent batch: MessageBatch) {
        scrollback.add(batch, .sent, at: .now())
        if batch.messageCount > 0 { terminal?.clock.advance(to: .now()) }
    }

    private func openTerminal() throws(Failure) {
        let terminal = try UserTerminal(plan.display, outputIsTerminal: plan.outputIsTerminal, on: eventLoop) {
            $0.history = history.earlier
            $0.historyLimit = HistoryFile.limit
            $0.completer = { [snippets, plan] in Completer.complete($0, snippets.names, plan.profiles) }
        }
        self.terminal = terminal
        displayPipe = DisplayPipe(terminal, on: eventLoop) { [weak self] in self?.session?.outputChanged() }
        if let pipe = standardOutput, StandardStreams.isPipe(STDOUT_FILENO) {
            standardOutput = SharedTerminalSink(pipe, terminal.terminal, on: eventLoop)
        }
        diagnostics.print(through: terminal.printer)
        if let trouble = history.trouble { say(trouble, .red) }
        terminal.forEachEvent { [weak self] in self?.handle($0) }
    }

    func show(_ part: MessageView.Part, at time: NIODeadline, roundTrips: [TimeAmount]) {
        guard let terminal else { return }
        let firstNumber = scrollback.add(part.received, .received, at: time)
        report?.note(at: time)
        if terminal.display.showsPingPong, !showsMessages, !plan.printsEvents {
            terminal.say(part.received.controlFrames.map { "< \(Presenter.words($0, of: part.received))" })
        }
        if plan.printsMessages, !plan.printsEvents, let output {
            var presenter = presenter(showsMessages ? .session : .pipe(plan.outputIsTerminal ? .lines : plan.framing))
            if terminal.display.showsNumbers, showsMessages { presenter.firstNumber = firstNumber }
            presenter.print(
                part.displayed,
                dimmed: part.unselected,
                positions: part.positions,
                at: time,
                to: output
            )
        }
        if let count = hidden.add(part.hidden, at: time) { terminal.say("… \(count.grouped) hidden") }
        for time in roundTrips { terminal.say("pong after \(time.inMilliseconds)") }
    }

    func show(answers: MessageBatch) {
        guard let terminal, plan.outputIsTerminal, !plan.printsEvents else { return }
        var presenter = presenter(.session)
        presenter.direction = .sent
        presenter.settings = terminal.display
        if terminal.display.showsNumbers { presenter.firstNumber = scrollback.newest + 1 }
        presenter.print(answers, at: .now(), to: terminal.sink)
    }

    private func presenter(_ destination: Presenter.Destination) -> Presenter {
        let settings = terminal?.display ?? plan.display
        var presenter = Presenter(
            destination: destination,
            settings: displayPipe?.command == nil ? settings : settings.unchangedMessages,
            omitsDelimiter: plan.omitsDelimiter
        )
        if let terminal { presenter.clock = terminal.clock }
        return presenter
    }

    func connectionEnded(_ outcome: CloseOutcome) {
        report = nil
        // A failure is reported after all earlier messages have been printed.
        if case .closed(let frame, _) = outcome, plan.verbosity > .quiet, Failure(outcome) == nil {
            announce("closed: \(frame.words)")
        }
    }

    func announceRetry(_ failure: Failure, after delay: Double) {
        let words = "\(failure.message); reconnecting in \(Seconds.format(delay)) s"
        guard let terminal else { return diagnostics.notice("wsline: \(words)") }
        terminal.show(.reconnecting)
        announce(words, .red)
    }

    func announceDisconnected(_ failure: Failure?) {
        isDisconnected = true
        terminal?.show(.disconnected)
        for line in failure.map({ [$0.message] + $0.details.map { "  | " + $0 } }) ?? [] { announce(line, .red) }
        if plan.verbosity > .quiet { say("(Enter reconnects, Ctrl-D quits)") }
    }

    func finish(_ done: @escaping () -> Void) {
        let flush = { [standardOutput] in
            if let standardOutput { standardOutput.flush(done) } else { done() }
        }
        guard let terminal else { return flush() }
        if let displayPipe, displayPipe.command != nil { return displayPipe.stop { [self] in finish(done) } }
        diagnostics.print(through: nil)
        terminal.shutdown { [self] in
            let finished = NIOLoopBound(flush, eventLoop: eventLoop)
            Task { [history, eventLoop] in
                await history.flush()
                eventLoop.execute { finished.value() }
            }
        }
    }

    func abort() { displayPipe?.abort() }

    // MARK: The user

    /// Prints a notice above the line; errors are red.
    func say(_ line: String, _ color: Color = .dim) {
        terminal?.say(line, color)
    }

    /// Prints a notice about the connection above the line, and to standard error if that is not the terminal.
    private func announce(_ line: String, _ color: Color = .dim) {
        say(line, color)
        diagnostics.copy("wsline: " + line)
    }

    private func handle(_ event: Terminal.Event) {
        switch event {
        case .interrupt: session?.leave(.signal(SIGINT))
        case .endOfInput: close(plan.closeFrame)
        case .edit: terminal?.edit()
        case .unfinished(let line): keepUnfinished(line)
        case .line("") where isDisconnected: session?.reconnect(to: nil)
        case .line(let line):
            if case .recall(let number) = LineKind(line) { return recall(number) }
            history.append(line) { [printer = terminal?.printer] error in
                printer?("cannot save the line to the history: \(error)", .red)
            }
            perform(line)
        }
    }

    /// Adds the line being typed at the end of the session to the history.
    private func keepUnfinished(_ line: String) {
        guard history.append(line), plan.verbosity > .quiet else { return }
        diagnostics.warn("the unsent line is in the history")
    }

    /// Closes the connection; ends the session if there is none.
    func close(_ frame: CloseFrame) {
        if session?.connection != nil { terminal?.show(.closing) }
        session?.close(frame)
    }
}
