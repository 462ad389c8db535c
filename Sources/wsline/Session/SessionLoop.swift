import NIOCore
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// What every session does: receive until the connection has ended, send meanwhile, and close at the right time.
///
/// A loop over events; each is what one task came to, and none waits for another's I/O.
struct SessionLoop {
    /// How the sending side came to its end.
    enum InputEnd: Sendable {
        /// All was sent, or something could not be: replies are awaited, then the connection is closed.
        case exhausted(Failure?)
        /// The user wants to leave: the connection is closed, and nothing is awaited for long.
        case leave(ExitStatus)
    }

    /// What made us close a connection whose expectations were not met.
    private enum GivenUp {
        case silence(Seconds)
        case waited
    }

    private enum Event: Sendable {
        case received(Reception)
        case inputEnded(InputEnd)
        case waitEnded
        case silence(Seconds)
        case timeUp(Seconds)
        case dead(Seconds)
        case signal(Int32)
        case nothing
    }

    /// How long a server may take to answer the Close of a user who has seen enough.
    static let grace: TimeAmount = .milliseconds(500)

    let plan: SessionPlan
    let connection: Connection
    let signals: Signals
    let log: EventLog

    /// Runs until the connection has ended.
    ///
    /// - Parameters:
    ///   - inputExecutor: where `send` runs, when it blocks.
    ///   - send: sends what the user has to say; ends soon after `stopInput`.
    ///   - stopInput: called when nothing can be sent any more, with how the connection ended.
    ///   - showing: shows what arrives.
    /// - Returns: how the receiving side ended.
    /// - Throws: `Failure` when it did not end as asked.
    @discardableResult
    func run(
        inputExecutor: (any TaskExecutor)?,
        send: @Sendable @escaping () async -> InputEnd,
        stopInput: (CloseOutcome) -> Void,
        showing: Showing
    ) async throws -> Reception {
        var leaving: Failure?
        var inputFailure: Failure?
        var givenUp: GivenUp?
        let progress = SessionProgress()
        let reception = await withTaskGroup(of: Event.self) { group -> Reception? in
            group.addTask(executorPreference: connection.executor) {
                .received(await Receiver(plan, connection, log, progress, showing).run())
            }
            group.addTask(executorPreference: inputExecutor) { .inputEnded(await send()) }
            group.addTask { await nextSignal() }
            if let timeout = plan.timeout { group.addTask { await silence(timeout, progress.awaited) } }
            if let limit = plan.timeLimit {
                group.addTask { await Self.sleep(until: limit.end) ? .timeUp(limit.value) : .nothing }
            }
            if let (interval, timeout) = plan.pings {
                group.addTask { await keepAlive(interval, timeout, progress.arrivals) }
            }
            func leave(_ reason: Failure) {
                guard leaving == nil else { return }
                leaving = reason
                connection.close(plan.closeFrame, within: Self.grace)
            }

            var reception: Reception?
            for await event in group {
                switch event {
                case .received(let value):
                    reception = value
                    stopInput(value.ending)
                    group.cancelAll()
                case .inputEnded(.exhausted(let failure)):
                    inputFailure = failure
                    guard reception == nil, case .limited(let time) = plan.wait else { break }
                    group.addTask { await replies(within: time, progress.messages) }
                case .inputEnded(.leave(let status)):
                    if reception == nil { leave(Failure(status, "")) }
                case .waitEnded:
                    givenUp = givenUp ?? .waited
                    connection.close(plan.closeFrame)
                case .silence(let limit):
                    givenUp = givenUp ?? .silence(limit)
                    // A session whose expectation was not met ends with that.
                    if plan.expectations.isEmpty {
                        leave(Failure(.timedOut, "no message came for \(limit.formatted) s (--timeout)"))
                    } else {
                        connection.close(plan.closeFrame, within: Self.grace)
                    }
                case .timeUp(let limit):
                    leave(Failure(timeLimit: limit))
                case .dead(let limit):
                    leaving = leaving ?? Failure(pingTimeout: limit)
                    connection.abort()
                case .signal(let number):
                    // A second signal does not wait for anything.
                    guard leaving == nil else {
                        connection.abort()
                        break
                    }
                    leave(Failure(.signal(number), ""))
                    group.addTask { await nextSignal() }
                case .nothing:
                    break
                }
            }
            return reception
        }
        guard let reception else { throw Failure(.defect, "the receiving task ended without a result") }
        try judge(reception, leaving, inputFailure, givenUp)
        return reception
    }

    private func nextSignal() async -> Event {
        for await number in signals.events { return .signal(number) }
        return .nothing
    }

    /// Waits until no message has come, or none that is expected, for the time limit.
    private func silence(_ limit: Seconds, _ progress: Progress) async -> Event {
        while true {
            let last = progress.last
            guard await Self.sleep(until: last + limit.duration) else { return .nothing }
            if progress.last == last { return .silence(limit) }
        }
    }

    /// Sends pings, until nothing comes for the time limit after one.
    private func keepAlive(_ interval: Seconds, _ timeout: Seconds?, _ arrivals: Progress) async -> Event {
        var next = ContinuousClock.now + interval.duration
        while await Self.sleep(until: next) {
            let sent = ContinuousClock.now
            let ping = MessageBatch(.ping, "alive?".utf8)
            // A peer that takes nothing would keep us here.
            Task { [connection, log] in
                _ = try? log.write(ping, .sent)
                try? await connection.send(ping)
            }
            if let timeout {
                guard await Self.sleep(until: sent + timeout.duration) else { break }
                if arrivals.last < sent { return .dead(timeout) }
            }
            next = max(sent + interval.duration, .now)
        }
        return .nothing
    }

    /// Waits for replies: for the time limit, and longer while fewer messages have come than were sent and they keep
    /// coming, at most the time limit apart.
    private func replies(within limit: Duration, _ messages: Progress) async -> Event {
        var end = ContinuousClock.now + limit
        while await Self.sleep(until: end) {
            let counts = connection.statistics
            guard limit > .zero, counts.messagesReceived < counts.messagesSent, messages.last + limit > .now else {
                return .waitEnded
            }
            end = messages.last + limit
        }
        return .nothing
    }

    /// Returns false when the task was cancelled meanwhile.
    private static func sleep(until instant: ContinuousClock.Instant) async -> Bool {
        (try? await Task.sleep(until: instant, clock: .continuous)) != nil
    }

    /// Tells how the session ended, the user's wish first, then what was not done of what was asked.
    private func judge(
        _ reception: Reception,
        _ leaving: Failure?,
        _ inputFailure: Failure?,
        _ givenUp: GivenUp?
    ) throws {
        if let leaving {
            guard leaving.status == .success else { throw leaving }
            return
        }
        if let failure = reception.failure {
            // Whoever read our output has seen enough (`| head -1`).
            guard failure.isBrokenPipe else { throw Failure(failure) }
            if plan.expectations.isEmpty { return }
        }
        var failure = Failure(reception.ending)
        if plan.reconnect != nil, case .closed(let frame, answering: nil) = reception.ending, frame.code == .goingAway {
            failure = Failure(closedByServer: frame)
        }
        if var inputFailure {
            if inputFailure.status == .lost, let failure { inputFailure.message += "; \(failure.message)" }
            throw inputFailure
        }
        if let unmet = reception.unmet {
            throw Failure(unmet: unmet.expectation, unmet.lastMessage, reception.ending, until(reception, givenUp))
        }
        if !plan.expectations.isEmpty { return }
        if let limit = plan.messageLimit, reception.count >= limit { return }
        if let failure { throw failure }
    }

    /// Tells how far a message was waited for that did not come.
    private func until(_ reception: Reception, _ givenUp: GivenUp?) -> String {
        if let limit = plan.messageLimit, reception.count >= limit {
            return " among the \(limit == 1 ? "one message" : "\(limit) messages") waited for"
        }
        switch (givenUp, plan.wait) {
        case (.silence(let limit), _): return " within \(limit.formatted) s (--timeout)"
        case (.waited, .limited(let time)): return " within the \(Seconds.format(time / .seconds(1))) s of --wait"
        case (.waited, .untilClosed), (nil, _): return " before the connection ended"
        }
    }
}
