import NIOCore
import TestScript

extension SessionStateMachine {
    // MARK: Timers

    /// Handles a timer. `sent` is the number of messages sent over this connection.
    mutating func fired(_ timer: Timer, at now: NIODeadline, sent: Int) -> [Action] {
        switch timer {
        case .timeLimit: policy.timeLimit.map { leave(Failure(timeLimit: $0.value), at: now) } ?? []
        case .silence: silent(at: now)
        case .replies: repliesDue(at: now, sent: sent)
        case .ping: ping(at: now)
        case .pong: pongDue(at: now)
        case .reconnect: reconnect()
        }
    }

    private mutating func reconnect() -> [Action] {
        guard case .waitingToReconnect = state else { return [] }
        state = .connecting
        return [.connect]
    }

    private mutating func silent(at now: NIODeadline) -> [Action] {
        guard let limit = policy.silenceLimit, let conversation else { return [] }
        let end = (isOutputBlocked ? now : conversation.lastAwaited) + limit.timeAmount
        guard end <= now else { return [.start(.silence, end)] }
        converse { $0.givenUp = $0.givenUp ?? .silence }
        // If an expectation is unmet, that is the failure to report.
        guard policy.expectations > 0 else {
            return leave(Failure(.timedOut, "no message received for \(limit.formatted) s (--timeout)"), at: now)
        }
        return close(within: Self.grace)
    }

    // MARK: Replies

    /// Starts the timer for replies if input has ended and the policy limits the wait.
    func waitForReplies(sent: Int) -> [Action] {
        guard case .open(let conversation) = state, let start = conversation.waitStart else { return [] }
        return policy.replyWait.end(conversation, since: start, sent: sent).map { [.start(.replies, $0)] } ?? []
    }

    private mutating func repliesDue(at now: NIODeadline, sent: Int) -> [Action] {
        guard case .open(var conversation) = state, let start = conversation.waitStart else { return [] }
        // A peer whose messages are not read cannot reply.
        let since = isOutputBlocked ? now : start
        guard let end = policy.replyWait.end(conversation, since: since, sent: sent) else { return [] }
        guard end <= now else { return [.start(.replies, end)] }
        conversation.givenUp = conversation.givenUp ?? .waited
        state = .open(conversation)
        return close(within: nil)
    }

    /// Whether the user may not have noticed that replies are missing.
    func expectsReplies(_ conversation: Conversation) -> Bool {
        let hasOwnRule = policy.messageLimit != nil || policy.expectations > 0
        return policy.replyWait.expectsReplies && policy.countsReplies && !hasOwnRule && conversation.waitStart != nil
    }

    private mutating func ping(at now: NIODeadline) -> [Action] {
        guard let pings = policy.pings, conversation != nil else { return [] }
        converse { $0.lastPing = now }
        guard let timeout = pings.timeout else {
            return [.sendPing, .start(.ping, now + pings.interval.timeAmount)]
        }
        return [.sendPing, .start(.pong, now + timeout.timeAmount)]
    }

    private mutating func pongDue(at now: NIODeadline) -> [Action] {
        guard let pings = policy.pings, let timeout = pings.timeout, let conversation else { return [] }
        if isOutputBlocked || conversation.lastInbound >= conversation.lastPing {
            return [.start(.ping, max(conversation.lastPing + pings.interval.timeAmount, now))]
        }
        converse { $0.leaving = $0.leaving ?? Failure(pingTimeout: timeout) }
        return [.abort]
    }

    // MARK: The user

    /// Ends the session on behalf of the user or a signal; the second time, without waiting for the server.
    mutating func leave(_ reason: Failure, at now: NIODeadline) -> [Action] {
        isBeingLeft = true
        switch state {
        case .open, .closing:
            guard conversation?.leaving == nil else { return [.abort] }
            converse { ($0.leaving, $0.isToReconnect) = (reason, false) }
            return close(within: Self.grace)
        case .finishing(var conversation, let outcome):
            conversation.leaving = conversation.leaving ?? reason
            conversation.isEndedByUs = true
            return settle(conversation, outcome, unmet: nil, at: now)
        case .connecting: return [.cancelAttempt] + endDisconnected(reason)
        case .waitingToReconnect, .disconnected: return endDisconnected(reason)
        case .ended: return []
        }
    }

    /// Closes the connection on behalf of the user.
    mutating func userCloses(at now: NIODeadline) -> [Action] {
        switch state {
        case .open: close(within: nil)
        // Closing twice skips waiting for the server's Close.
        case .closing, .connecting, .finishing, .waitingToReconnect, .disconnected, .ended:
            leave(Failure(.success, ""), at: now)
        }
    }

    /// Reconnects on behalf of the user, perhaps to another server.
    mutating func userReconnects() -> [Action] {
        backoff?.userReconnects()
        switch state {
        case .open, .closing:
            converse { $0.isToReconnect = true }
            return close(within: Self.grace)
        case .connecting: return [.cancelAttempt, .connect]
        case .waitingToReconnect, .disconnected:
            state = .connecting
            return [.connect]
        case .finishing, .ended: return []
        }
    }
}
