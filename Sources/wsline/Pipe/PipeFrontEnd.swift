import MessageText
import NIOCore
import TestScript
import WebSocketProtocol
import WebSocketTransport

/// The front end of a session without a user at the terminal: messages come from a feed and go to standard output.
final class PipeFrontEnd: FrontEnd {
    let output: (any OutputSink)?
    private let plan: SessionPlan
    private let feed: (any MessageFeed)?
    private let diagnostics: Diagnostics
    private let presenter: Presenter
    let view: MessageView
    private weak var session: Session?
    /// The number of batches of `--echo` not yet written to the socket.
    private var echoesInFlight = 0

    /// Creates a front end.
    ///
    /// - Parameters:
    ///   - plan: the plan of the session.
    ///   - feed: the source of messages to send after those of the command line; nil for none.
    ///   - output: standard output.
    ///   - diagnostics: prints notices.
    init(_ plan: SessionPlan, _ feed: (any MessageFeed)?, _ output: (any OutputSink)?, _ diagnostics: Diagnostics) {
        (self.plan, self.feed, self.output, self.diagnostics) = (plan, feed, output, diagnostics)
        presenter = Presenter(
            destination: plan.outputIsTerminal ? .terminal : .pipe(plan.framing),
            settings: plan.display,
            omitsDelimiter: plan.omitsDelimiter
        )
        view = MessageView(plan.display, isTerminal: plan.outputIsTerminal)
    }

    var holdsInput: Bool { feed?.holdsInput ?? false }

    func settleInput(_ done: @escaping () -> Void) {
        if let feed { feed.settle(done) } else { done() }
    }

    var isBlocked: Bool { echoesInFlight > 0 || output?.isWritable == false }

    func connecting() {}

    func connected(_ connection: Connection, to url: WebSocketURL, _ session: Session) {
        self.session = session
        let start = { [feed, unowned session] in
            guard let feed else { return session.inputEnded(nil) }
            feed.start { [unowned session] batch, done in
                // If sending fails, the connection ends.
                session.sender.send(batch) { if $0 == nil { done(nil) } }
            } ended: { [unowned session] failure in
                session.inputEnded(failure)
            }
        }
        let first = plan.firstMessages
        guard !first.isEmpty else { return start() }
        session.sender.sendNow(first) { if $0 == nil { start() } }
    }

    func show(_ part: MessageView.Part, at time: NIODeadline, roundTrips: [TimeAmount]) {
        if plan.display.showsPingPong, !plan.printsEvents {
            for entry in part.received.controlFrames {
                diagnostics.say("< \(Presenter.words(entry, of: part.received))")
            }
        }
        if plan.echoes { return echo(part.displayed.messages) }
        guard plan.printsMessages, !plan.printsEvents, let output else { return }
        presenter.print(part.displayed, dimmed: part.unselected, at: time, to: output)
    }

    private func echo(_ messages: MessageBatch) {
        guard !messages.isEmpty else { return }
        echoesInFlight += 1
        // An error is reported with the end of the connection, which follows.
        session?.sender.write(messages) { [self] _ in
            echoesInFlight -= 1
            if !isBlocked { session?.sinkBecameWritable() }
        }
    }

    func show(answers: MessageBatch) {}

    func abort() {}

    func connectionEnded(_ outcome: CloseOutcome) {}

    func announceRetry(_ failure: Failure, after delay: Double) {
        diagnostics.notice("wsline: \(failure.message); reconnecting in \(Seconds.format(delay)) s")
    }

    func attemptIsSlow(to name: String) {}

    func announceDisconnected(_ failure: Failure?) {}

    func finish(_ done: @escaping () -> Void) {
        feed?.stop()
        if let output { output.flush(done) } else { done() }
    }
}
