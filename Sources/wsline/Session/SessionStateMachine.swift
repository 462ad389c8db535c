import NIOCore
import TestScript
import WebSocketTransport

/// Decides when a session connects, waits, closes, retries and ends, and with which result.
///
/// It knows no I/O, no clock and no tasks: each method takes an event and its time, and returns the actions that follow.
struct SessionStateMachine {
    /// Where the session is.
    enum State {
        /// An attempt to connect is under way.
        case connecting
        case open(Conversation)
        /// The closing handshake has begun; messages may still arrive.
        case closing(Conversation)
        /// The transport has ended; what arrived before is still being written and checked.
        case finishing(Conversation, CloseOutcome)
        /// Waits for the time of the next attempt.
        case waitingToReconnect
        /// A user at a terminal decides what happens next.
        case disconnected
        case ended
    }

    /// A timer that the session runs; there is one of each.
    enum Timer: Hashable, CaseIterable {
        case replies, silence, timeLimit, ping, pong, reconnect
    }

    /// What the session does next.
    enum Action: Equatable {
        /// Open a connection.
        case connect
        /// Cancel the attempt to connect.
        case cancelAttempt
        /// Begin the closing handshake, and end the transport after this time if the peer does not answer.
        case close(within: TimeAmount?)
        /// End the transport.
        case abort
        case sendPing
        case start(Timer, NIODeadline)
        /// Report when everything that arrived has been written and checked (`finished`).
        case finish
        /// Tell the user that the session connects again after this time, in seconds.
        case announceRetry(Failure, Double)
        /// Tell the user that there is no connection, and why; nil when the server closed it as it should.
        case announceDisconnected(Failure?)
        /// Tell the user that fewer messages arrived than were sent.
        case announceMissing(received: Int, sent: Int)
        /// End with this failure; nil is success.
        case end(Failure?)
    }

    /// How long the last messages are checked when the user set no limit: only a regular expression that backtracks without
    /// end takes longer.
    private static let checkTime: TimeAmount = .seconds(10)
    /// How long a server has to answer the Close of a user who has seen enough.
    static let grace: TimeAmount = .milliseconds(500)

    let policy: SessionPolicy
    var state: State = .connecting
    /// Messages shown, over all connections.
    private(set) var shown = 0
    private var expectationsLeft: Int
    /// Set once there is no more input; the failure says why not all of it was sent.
    private var inputEnd: Failure??
    /// Whether output is blocked, so that the peer cannot be blamed for silence.
    var isOutputBlocked = false
    /// Whether a user, a signal or a time limit ends the session: it waits for no reader of its output any more.
    var isBeingLeft = false
    var hasConnected = false
    /// How the server ended the last connection, until there is another one: leaving without one has this status.
    var lastFailure: Failure?
    var backoff: Backoff?

    /// Creates the machine of a session that has not begun.
    ///
    /// - Parameters:
    ///   - policy: what the user asked for.
    ///   - jitter: returns the part of a delay that is waited, from 0.5 to 1.
    init(_ policy: SessionPolicy, jitter: @escaping () -> Double = { .random(in: 0.5...1) }) {
        self.policy = policy
        expectationsLeft = policy.expectations
        backoff = policy.reconnect.map { Backoff($0, jitter: jitter) }
    }

    /// How many more messages may be shown.
    var messagesLeft: Int { policy.messageLimit.map { $0 - shown } ?? .max }

    /// Whether the output of this connection has failed.
    var outputHasFailed: Bool { conversation?.outputFailure != nil }

    /// How long messages may still be checked after the connection has ended.
    var checkLimit: TimeAmount {
        if case .silence? = conversation?.givenUp { return Self.grace }
        return policy.silenceLimit?.timeAmount ?? Self.checkTime
    }

    // MARK: Connecting

    /// Begins the session.
    mutating func start() -> [Action] {
        policy.timeLimit.map { [.start(.timeLimit, $0.end), .connect] } ?? [.connect]
    }

    /// A connection is open.
    mutating func connected(at now: NIODeadline) -> [Action] {
        guard case .connecting = state else { return [.abort] }
        (hasConnected, lastFailure) = (true, nil)
        backoff?.connected(at: now)
        var conversation = Conversation(since: now)
        if inputEnd != nil { conversation.waitStart = now }
        state = .open(conversation)
        var actions: [Action] = []
        if let limit = policy.silenceLimit { actions.append(.start(.silence, now + limit.timeAmount)) }
        if let pings = policy.pings { actions.append(.start(.ping, now + pings.interval.timeAmount)) }
        return actions + waitForReplies(sent: 0)
    }

    /// An attempt to connect failed.
    mutating func connectFailed(_ failure: Failure, at now: NIODeadline) -> [Action] {
        guard case .connecting = state else { return [] }
        var failure = failure
        if let retry = retry(after: &failure, at: now) { return retry }
        guard policy.isTyped, hasConnected else { return end(failure) }
        state = .disconnected
        return [.announceDisconnected(failure)]
    }

    /// Waits for the next attempt; when there were enough, adds that to the failure and returns nil.
    mutating func retry(after failure: inout Failure, at now: NIODeadline) -> [Action]? {
        guard failure.mayPass else { return nil }
        guard let delay = backoff?.next(at: now) else {
            if let exhaustion = backoff?.exhaustion { failure.message += "; \(exhaustion)" }
            return nil
        }
        state = .waitingToReconnect
        return [.announceRetry(failure, delay), .start(.reconnect, now + .nanoseconds(Int64(delay * 1e9)))]
    }

    mutating func end(_ failure: Failure?) -> [Action] {
        state = .ended
        return [.end(failure)]
    }

    /// Ends a session without a connection; the user has been told how the last one ended.
    mutating func endDisconnected(_ reason: Failure) -> [Action] {
        end(reason.status == .success ? lastFailure.map { Failure($0.status, "") } : reason)
    }

    // MARK: Messages

    /// Something arrived, of which so many messages were shown.
    mutating func received(messages: Int, shown newlyShown: Int, at now: NIODeadline) -> [Action] {
        shown += newlyShown
        let isAwaited = policy.expectations == 0
        let isFirstReply = messages > 0 && conversation?.waitStart != nil && conversation?.hasReply == false
        converse { conversation in
            conversation.lastInbound = now
            guard messages > 0 else { return }
            conversation.received += messages
            conversation.lastMessage = now
            conversation.hasReply = conversation.waitStart != nil
            if isAwaited { conversation.lastAwaited = now }
        }
        if newlyShown > 0, shown == policy.messageLimit { return close(within: Self.grace) }
        guard isFirstReply, case .untilQuiet(let quiet) = policy.replyWait, case .open = state else { return [] }
        return [.start(.replies, now + quiet.timeAmount)]
    }

    /// Messages met expectations; so many are left.
    mutating func expectationsMet(left: Int, at now: NIODeadline) -> [Action] {
        expectationsLeft = left
        converse { $0.lastAwaited = now }
        return left == 0 ? close(within: Self.grace) : []
    }

    /// There is no more input, after so many messages; the failure says why not all of it was sent.
    mutating func inputEnded(_ failure: Failure?, at now: NIODeadline, sent: Int) -> [Action] {
        inputEnd = .some(failure)
        converse { $0.waitStart = now }
        return waitForReplies(sent: sent)
    }

    /// Output is blocked, or no longer is.
    mutating func outputBlocked(_ isBlocked: Bool, at now: NIODeadline) {
        isOutputBlocked = isBlocked
        guard !isBlocked else { return }
        converse { ($0.lastInbound, $0.lastMessage, $0.lastAwaited) = (now, now, now) }
    }

    /// Output failed; a reader that went away is no failure of the run.
    mutating func outputFailed(_ failure: Failure, isBrokenPipe: Bool) -> [Action] {
        converse { $0.outputFailure = $0.outputFailure ?? (failure, isBrokenPipe) }
        // An expectation holds whether or not anybody reads the output.
        return isBrokenPipe && expectationsLeft > 0 ? [] : close(within: Self.grace)
    }

    // MARK: The end of a connection

    /// The connection ended.
    mutating func connectionEnded(_ outcome: CloseOutcome, at now: NIODeadline) -> [Action] {
        switch state {
        case .open(let conversation), .closing(let conversation):
            state = .finishing(conversation, outcome)
            return [.finish]
        case .connecting, .finishing, .waitingToReconnect, .disconnected, .ended:
            return []
        }
    }

    /// Everything that arrived was written and checked; `unmet` is the expectation that no message met.
    mutating func finished(unmet: UnmetExpectation?, at now: NIODeadline, sent: Int) -> [Action] {
        guard case .finishing(let conversation, let outcome) = state else { return [] }
        let actions = settle(conversation, outcome, unmet: unmet, at: now)
        guard actions == [.end(nil)], isMissingReplies(conversation, sent: sent) else { return actions }
        return [.announceMissing(received: conversation.received, sent: sent)] + actions
    }

    mutating func settle(
        _ conversation: Conversation,
        _ outcome: CloseOutcome,
        unmet: UnmetExpectation?,
        at now: NIODeadline
    ) -> [Action] {
        if conversation.isToReconnect {
            state = .connecting
            return [.connect]
        }
        let verdict = SessionVerdict(policy, conversation, outcome, inputFailure: inputEnd ?? nil, shown: shown)
        var failure = verdict.failure(unmet: unmet)
        if failure?.mayPass == true, var passing = failure {
            if let retry = retry(after: &passing, at: now) { return retry }
            failure = passing
        }
        let isOver = conversation.isEndedByUs || conversation.outputFailure != nil
        guard policy.staysWhenDisconnected, !isOver else { return end(failure) }
        (lastFailure, state) = (failure, .disconnected)
        return [.announceDisconnected(failure)]
    }

    // MARK: Changing the state

    var conversation: Conversation? {
        switch state {
        case .open(let conversation), .closing(let conversation), .finishing(let conversation, _): conversation
        case .connecting, .waitingToReconnect, .disconnected, .ended: nil
        }
    }

    mutating func converse(_ change: (inout Conversation) -> Void) {
        switch state {
        case .open(var conversation):
            change(&conversation)
            state = .open(conversation)
        case .closing(var conversation):
            change(&conversation)
            state = .closing(conversation)
        case .finishing(var conversation, let outcome):
            change(&conversation)
            state = .finishing(conversation, outcome)
        case .connecting, .waitingToReconnect, .disconnected, .ended: break
        }
    }

    mutating func close(within limit: TimeAmount?) -> [Action] {
        switch state {
        case .open(var conversation), .closing(var conversation):
            conversation.isEndedByUs = true
            state = .closing(conversation)
            return [.close(within: limit)]
        case .connecting, .finishing, .waitingToReconnect, .disconnected, .ended:
            return []
        }
    }
}
