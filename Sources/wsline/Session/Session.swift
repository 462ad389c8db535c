import NIOCore
import TestScript
import WebSocketProtocol
import WebSocketTransport

/// Runs a session by performing the actions of its state machine. Confined to the event loop of its connections.
final class Session: SinkObserver {
    let plan: SessionPlan
    let eventLoop: any EventLoop
    let log: EventLog
    let sender: SessionSender
    /// The server of the connection or of the next attempt.
    private(set) var url: WebSocketURL
    private(set) var connection: Connection?
    /// The times at which the user's pings were sent.
    let pings = PingTimes()
    /// Answers messages that match the user's rules.
    private(set) lazy var answerer = Answerer(plan, sender, frontEnd) { [weak self] in self?.followBackPressure() }
    private var machine: SessionStateMachine
    private var dialer: SessionDialer
    private let frontEnd: any FrontEnd
    private let diagnostics: Diagnostics
    private var checker: ExpectationChecker?
    private var timers: [SessionStateMachine.Timer: Scheduled<Void>] = [:]
    private var attempt: ConnectionAttempt?
    /// Announces an attempt that takes long.
    private var slowAttempt: Scheduled<Void>?
    private var isBlocked = false
    private var hasReported = false
    private let result: EventLoopPromise<Failure?>

    /// Creates a session.
    ///
    /// - Parameters:
    ///   - plan: the plan of the session.
    ///   - url: the server to connect to first.
    ///   - dialer: opens its connections.
    ///   - frontEnd: the user interface.
    ///   - diagnostics: prints notices.
    ///   - eventLoop: the event loop of its connections.
    /// - Throws: `Failure` if the file to record to cannot be opened.
    init(
        _ plan: SessionPlan,
        _ url: WebSocketURL,
        _ dialer: SessionDialer,
        _ frontEnd: any FrontEnd,
        _ diagnostics: Diagnostics,
        on eventLoop: any EventLoop
    ) throws(Failure) {
        (self.plan, self.url, self.dialer, self.frontEnd) = (plan, url, dialer, frontEnd)
        (self.diagnostics, self.eventLoop) = (diagnostics, eventLoop)
        machine = SessionStateMachine(plan.policy)
        log = EventLog(printsEvents: plan.printsEvents, on: eventLoop)
        let repeated = RepeatedMessages(plan.repeated, on: eventLoop)
        sender = SessionSender(log, reconnects: plan.reconnect != nil && !plan.isTyped, repeated, as: plan.messageKind)
        if let path = plan.recording { try log.record(to: path) }
        result = eventLoop.makePromise()
        log.observer = self
        guard !plan.expectations.isEmpty else { return }
        checker = ExpectationChecker(plan.expectations, on: eventLoop) { [weak self] left in
            guard let self else { return }
            perform(machine.expectationsMet(left: left, at: .now()))
        } onRoom: { [weak self] in
            self?.followBackPressure()
        }
    }

    /// Starts the session.
    ///
    /// - Returns: a future that succeeds at its end, with the failure that ended it; nil for success.
    func run() -> EventLoopFuture<Failure?> {
        outputChanged()
        perform(machine.start())
        return result.futureResult
    }

    // MARK: Actions of the state machine

    private func perform(_ actions: [SessionStateMachine.Action]) {
        for action in actions {
            switch action {
            case .connect: connect()
            case .cancelAttempt: attempt?.cancel()
            case .close(let limit): connection?.close(plan.closeFrame, within: limit)
            case .abort: connection?.abort()
            case .sendPing: sender.write(MessageBatch(.ping, "alive?".utf8)) { _ in }
            case .start(let timer, let time): start(timer, time)
            case .finish: finishOutput()
            case .announceRetry(let failure, let delay):
                log.write(.error(failure))
                frontEnd.announceRetry(failure, after: delay)
            case .announceDisconnected(let failure):
                if let failure { log.write(.error(failure)) }
                frontEnd.announceDisconnected(failure)
            case .announceMissing(let received, let sent):
                let messages = "\(sent) message\(sent == 1 ? "" : "s")"
                diagnostics.notice("wsline: sent \(messages), received \(received); -w SECONDS sets how long to wait")
            case .announceOpenInput:
                diagnostics.notice("wsline: the server closed the connection before the input ended")
            case .end(let failure): end(failure)
            }
        }
    }

    private func start(_ timer: SessionStateMachine.Timer, _ time: NIODeadline) {
        timers[timer]?.cancel()
        timers[timer] = schedule(in: time - .now()) { [weak self] in
            guard let self else { return }
            perform(machine.fired(timer, at: .now(), sent: sender.sent))
        }
    }

    private func finishOutput() {
        // A user who quits does not wait for readers; `end` gives them a little time.
        guard !machine.isBeingLeft else { return finished(nil) }
        // Input that is not sent when the server closes is a failure; wait until that is known.
        sender.whenIdle { [weak self] in
            self?.frontEnd.settleInput { [weak self] in self?.flush { [weak self] in self?.finishChecks() } }
        }
    }

    /// A description of the input that was not sent; nil if there is none. A user at a terminal knows already.
    private var unsent: String? {
        guard !plan.isTyped else { return nil }
        return sender.unsent ?? (frontEnd.holdsInput ? "not all input was sent" : nil)
    }

    private func finishChecks() {
        guard let checker else { return finished(nil) }
        checker.finish(within: machine.checkLimit) { [weak self] unmet in self?.finished(unmet) }
    }

    private func finished(_ unmet: UnmetExpectation?) {
        perform(machine.finished(unmet: unmet, isUnsent: unsent != nil, at: .now(), sent: sender.sentInAll))
    }

    private func flush(_ done: @escaping () -> Void) {
        let flushLog = { [log] in log.flush(done) }
        if let output = frontEnd.output { output.flush(flushLog) } else { flushLog() }
    }

    private func end(_ failure: Failure?) {
        for timer in timers.values { timer.cancel() }
        slowAttempt?.cancel()
        var failure = failure
        if let unsent, failure?.message.isEmpty == false { failure?.message += "; \(unsent)" }
        if let failure, !failure.message.isEmpty { log.write(.error(failure)) }
        if machine.isBeingLeft { reportSoon(failure) }
        frontEnd.finish { [self] in
            log.flush { [self] in
                let transport = attempt?.end() ?? eventLoop.makeSucceededVoidFuture()
                transport.assumeIsolated().whenComplete { [self] _ in report(failure) }
            }
        }
    }

    /// Ends the run after a grace period even if output or the terminal is blocked.
    private func reportSoon(_ failure: Failure?) {
        _ = schedule(in: SessionStateMachine.grace) { [weak self] in self?.report(failure) }
    }

    private func schedule(in time: TimeAmount, _ body: @escaping () -> Void) -> Scheduled<Void> {
        eventLoop.assumeIsolated().scheduleTask(in: time, body)
    }

    private func report(_ failure: Failure?) {
        guard !hasReported else { return }
        hasReported = true
        frontEnd.abort()
        result.succeed(failure)
    }

    // MARK: Connections

    private func connect() {
        frontEnd.connecting()
        slowAttempt?.cancel()
        slowAttempt = schedule(in: .milliseconds(500)) { [weak self] in
            if let self { frontEnd.attemptIsSlow(to: serverName) }
        }
        attempt = ConnectionAttempt(dialer, url, on: eventLoop) { [weak self] in self?.attempted($0) }
    }

    private func attempted(_ result: Result<Connection, any Error>) {
        slowAttempt?.cancel()
        switch result {
        case .success(let connection): opened(connection)
        case .failure(let error):
            if let event = dialer.refusal(error, by: url) { log.write(event) }
            perform(machine.connectFailed(Failure(error), at: .now()))
        }
    }

    private func opened(_ connection: Connection) {
        self.connection = connection
        sender.connected(connection)
        perform(machine.connected(at: .now()))
        log.write(dialer.opening(of: connection, to: url))
        do throws(Failure) { try frontEnd.connected(connection, to: url, self) } catch {
            perform(machine.leave(error, at: .now()))
        }
        outputChanged()
        sender.sendHeld()
        connection.inbound.forEach { [weak self] in self?.received($0) }
    }

    private func received(_ inbound: Inbound) {
        let batch = inbound.batch
        if !batch.isEmpty {
            let roundTrips = sender.takePongs(inbound, pings)
            let limit = machine.messagesLeft
            var part = MessageView.Part()
            if limit > 0, !machine.outputHasFailed {
                part = frontEnd.view.part(of: batch, limit: limit)
                log.write(part.received, printing: part.displayed, .received, at: inbound.time) {
                    roundTrips[$0.offset]
                }
                frontEnd.show(part, at: inbound.time, roundTrips: roundTrips.values.sorted())
                diagnostics.notice(wholeMessages: part.tooLarge, at: inbound.time)
            }
            answerer.answer(batch)
            checker?.check(batch)
            perform(machine.received(messages: batch.messageCount, shown: part.count, at: .now()))
            followBackPressure()
        }
        guard let outcome = inbound.outcome else { return }
        guard plan.echoes, let connection else { return ended(outcome) }
        // The server's Close frame is answered after the messages before it.
        connection.close(plan.closeFrame)
        connection.transportEnd.assumeIsolated().whenComplete { [self] _ in ended(outcome) }
    }

    private func ended(_ outcome: CloseOutcome) {
        log.write(SessionEvent(outcome))
        connection = nil
        answerer.stop()
        attempt?.closeTransport()
        if let messages = sender.connectionEnded(outcome) {
            let (first, last) = (messages.lowerBound, messages.upperBound)
            let words = first == last ? "message \(first)" : "messages \(first) to \(last)"
            diagnostics.warn("\(words) of the input may be lost")
        }
        frontEnd.connectionEnded(outcome)
        perform(machine.connectionEnded(outcome, at: .now()))
    }

    // MARK: The front end, signals and back pressure

    /// The URL of the connection or of the next attempt, as the user wrote it.
    var serverName: String { dialer.name(of: url) }

    /// Called at the end of input; with a failure if not all of it can be read and sent.
    func inputEnded(_ failure: Failure?) {
        perform(machine.inputEnded(failure, at: .now(), sent: sender.sent))
    }

    /// Ends the session on behalf of the user or a signal.
    func leave(_ status: ExitStatus) {
        // The session is over and only waits for readers of its output.
        if case .ended = machine.state { return reportSoon(Failure(status, "")) }
        perform(machine.leave(Failure(status, ""), at: .now()))
    }

    /// Closes the connection on behalf of the user.
    func close(_ frame: CloseFrame) {
        if let connection { connection.close(frame) }
        perform(machine.userCloses(at: .now()))
    }

    /// Reconnects on behalf of the user, to another server and with another configuration if they are given.
    func reconnect(to url: WebSocketURL?, _ configuration: ConnectionConfiguration? = nil) {
        dialer = configuration.map(dialer.with) ?? dialer.leading(from: self.url, to: url)
        if let url { self.url = url }
        perform(machine.userReconnects())
    }

    /// Called when the front end has another output.
    func outputChanged() {
        frontEnd.output?.observer = self
        log.output = frontEnd.output
        followBackPressure()
    }

    private func followBackPressure() {
        let isBlocked = frontEnd.isBlocked || !log.isWritable
        connection?.inbound.isPaused = isBlocked || answerer.isFull || checker?.isFull == true
        guard isBlocked != self.isBlocked else { return }
        self.isBlocked = isBlocked
        machine.outputBlocked(isBlocked, at: .now())
    }

    func sinkBecameWritable() {
        answerer.sendNext()
        followBackPressure()
    }

    func sinkFailed(_ error: SystemCallError) {
        perform(machine.outputFailed(Failure(error), isBrokenPipe: error.isBrokenPipe))
    }
}
