import NIOCore
import TestScript
import WebSocketTransport

/// Decides when a session connects, waits, closes, reconnects and ends, and with which result.
///
/// It has no I/O, clocks or tasks: each method takes an event and its time, and returns the actions to perform.
struct SessionStateMachine {
    /// The state of the session.
    enum State {
        /// An attempt to connect is in progress.
        case connecting
        case open(Conversation)
        /// The closing handshake has started; messages may still arrive.
        case closing(Conversation)
        /// The transport has ended; earlier messages are still being written and checked.
        case finishing(Conversation, CloseOutcome)
        /// The session waits for the time of the next attempt.
        case waitingToReconnect
        /// The session waits for the user to reconnect or quit.
        case disconnected
        case ended
    }

    /// A timer of the session; there is one of each kind.
    enum Timer: Hashable, CaseIterable {
        case replies, silence, timeLimit, ping, pong, reconnect
    }

    /// An action that the session performs.
    enum Action: Equatable {
        /// Open a connection.
        case connect
        /// Cancel the attempt to connect.
        case cancelAttempt
        /// Start the closing handshake, and end the transport after this time if the peer does not answer.
        case close(within: TimeAmount?)
        /// End the transport.
        case abort
        case sendPing
        case start(Timer, NIODeadline)
        /// Call `finished` when all incoming messages have been written and checked.
        case finish
        /// Announce that the session reconnects after this delay, in seconds.
        case announceRetry(Failure, Double)
        /// Announce that the connection has ended, and why; nil if the server closed it normally.
        case announceDisconnected(Failure?)
        /// Announce that fewer messages arrived than were sent.
        case announceMissing(received: Int, sent: Int)
        /// Announce that the server closed the connection before the end of input.
        case announceOpenInput
        /// End the session with this failure; nil for success.
        case end(Failure?)
    }

    /// The default time limit for checking the last messages. Only a regular expression with catastrophic backtracking
    /// exceeds it.
    private static let checkTime: TimeAmount = .seconds(10)
    /// How long a server has to answer our Close when the session no longer needs the connection.
    static let grace: TimeAmount = .milliseconds(500)

    let policy: SessionPolicy
    var state: State = .connecting
    /// The number of messages shown, over all connections.
    private(set) var shown = 0
    /// The number of messages received, over all connections.
    private var received = 0
    private var expectationsLeft: Int
    /// Set at the end of input; the inner value is a failure if not all of it could be read and sent.
    private var inputEnd: Failure??
    /// Whether output is blocked, in which case silence is not the peer's fault.
    var isOutputBlocked = false
    /// Whether the user, a signal or a time limit ends the session, which then no longer waits for readers of its
    /// output.
    var isBeingLeft = false
    var hasConnected = false
    /// How the server ended the last connection; determines the status if the user quits without another one.
    var lastFailure: Failure?
    var backoff: Backoff?

    /// Creates the state machine of a new session.
    ///
    /// - Parameters:
    ///   - policy: the user's choices.
    ///   - jitter: returns the fraction of a delay to wait, from 0.5 to 1.
    init(_ policy: SessionPolicy, jitter: @escaping () -> Double = { .random(in: 0.5...1) }) {
        self.policy = policy
        expectationsLeft = policy.expectations
        backoff = policy.reconnect.map { Backoff($0, jitter: jitter) }
    }

    /// The number of messages that may still be shown.
    var messagesLeft: Int { policy.messageLimit.map { $0 - shown } ?? .max }

    /// Whether writing the output of this connection has failed.
    var outputHasFailed: Bool { conversation?.outputFailure != nil }

    /// The time limit for checking messages after the connection has ended.
    var checkLimit: TimeAmount {
        if case .silence? = conversation?.givenUp { return Self.grace }
        return policy.silenceLimit?.timeAmount ?? Self.checkTime
    }

    // MARK: Connecting

    /// Starts the session.
    mutating func start() -> [Action] {
        policy.timeLimit.map { [.start(.timeLimit, $0.end), .connect] } ?? [.connect]
    }

    /// Handles a connection that was opened.
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

    /// Handles a failed attempt to connect.
    mutating func connectFailed(_ failure: Failure, at now: NIODeadline) -> [Action] {
        guard case .connecting = state else { return [] }
        var failure = failure
        if let retry = retry(after: &failure, at: now) { return retry }
        guard policy.isTyped, hasConnected else { return end(failure) }
        state = .disconnected
        return [.announceDisconnected(failure)]
    }

    /// Schedules the next attempt. If there are no attempts left, adds that to the failure and returns nil.
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

    /// Ends a session without a connection. The user already knows how the last one ended.
    mutating func endDisconnected(_ reason: Failure) -> [Action] {
        end(reason.status == .success ? lastFailure.map { Failure($0.status, "") } : reason)
    }

    // MARK: Messages

    /// Handles incoming messages and control frames, given the number of messages and how many of them were shown.
    mutating func received(messages: Int, shown newlyShown: Int, at now: NIODeadline) -> [Action] {
        shown += newlyShown
        received += messages
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

    /// Handles messages that met expectations, given the number of unmet ones.
    mutating func expectationsMet(left: Int, at now: NIODeadline) -> [Action] {
        expectationsLeft = left
        converse { $0.lastAwaited = now }
        return left == 0 ? close(within: Self.grace) : []
    }

    /// Handles the end of input; `failure` is set if not all of it could be read and sent.
    mutating func inputEnded(_ failure: Failure?, at now: NIODeadline, sent: Int) -> [Action] {
        inputEnd = .some(failure)
        converse { $0.waitStart = now }
        return waitForReplies(sent: sent)
    }

    /// Records whether output is blocked.
    mutating func outputBlocked(_ isBlocked: Bool, at now: NIODeadline) {
        isOutputBlocked = isBlocked
        guard !isBlocked else { return }
        converse { ($0.lastInbound, $0.lastMessage, $0.lastAwaited) = (now, now, now) }
    }

    /// Handles a failure of output; a closed pipe is no failure of the run.
    mutating func outputFailed(_ failure: Failure, isBrokenPipe: Bool) -> [Action] {
        converse { $0.outputFailure = $0.outputFailure ?? (failure, isBrokenPipe) }
        // Expectations are checked whether or not anyone reads the output.
        return isBrokenPipe && expectationsLeft > 0 ? [] : close(within: Self.grace)
    }

    // MARK: The end of a connection

    /// Handles the end of the connection.
    mutating func connectionEnded(_ outcome: CloseOutcome, at now: NIODeadline) -> [Action] {
        switch state {
        case .open(let conversation), .closing(let conversation):
            state = .finishing(conversation, outcome)
            return [.finish]
        case .connecting, .finishing, .waitingToReconnect, .disconnected, .ended:
            return []
        }
    }

    /// Handles the end of writing and checking messages.
    ///
    /// - Parameters:
    ///   - unmet: the first unmet expectation.
    ///   - isUnsent: whether there is input that could not be sent.
    ///   - now: the current time.
    ///   - sent: the number of messages sent, over all connections.
    /// - Returns: the actions to perform.
    mutating func finished(unmet: UnmetExpectation?, isUnsent: Bool, at now: NIODeadline, sent: Int) -> [Action] {
        guard case .finishing(let conversation, let outcome) = state else { return [] }
        let actions = settle(conversation, outcome, unmet: unmet, isUnsent: isUnsent, at: now)
        guard actions == [.end(nil)], !conversation.isEndedByUser else { return actions }
        if inputEnd == nil, !conversation.isEndedByUs, !policy.isTyped { return [.announceOpenInput] + actions }
        guard received < sent, expectsReplies(conversation) else { return actions }
        return [.announceMissing(received: received, sent: sent)] + actions
    }

    mutating func settle(
        _ conversation: Conversation,
        _ outcome: CloseOutcome,
        unmet: UnmetExpectation?,
        isUnsent: Bool = false,
        at now: NIODeadline
    ) -> [Action] {
        if conversation.isToReconnect {
            state = .connecting
            return [.connect]
        }
        let verdict = SessionVerdict(policy, conversation, outcome, inputFailure: inputEnd ?? nil, shown: shown)
        var failure = verdict.failure(unmet: unmet, isUnsent: isUnsent)
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
