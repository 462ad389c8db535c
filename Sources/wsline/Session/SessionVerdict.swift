import TestScript
import WebSocketProtocol
import WebSocketTransport

/// An unmet expectation, and the last message.
struct UnmetExpectation {
    let expectation: Expectation
    let lastMessage: String?
    /// The reason why the last message could not be checked, if any.
    var problem: String?
}

/// Decides whether a connection ended successfully. The user's decision to quit has priority over everything else.
struct SessionVerdict {
    private let policy: SessionPolicy
    private let conversation: Conversation
    private let outcome: CloseOutcome
    private let inputFailure: Failure?
    private let shown: Int

    /// Creates the verdict on a connection that has ended.
    ///
    /// - Parameters:
    ///   - policy: the user's choices.
    ///   - conversation: the final state of the connection.
    ///   - outcome: how the connection ended.
    ///   - inputFailure: the reason why not all input could be read and sent.
    ///   - shown: the number of messages shown, over all connections.
    init(
        _ policy: SessionPolicy,
        _ conversation: Conversation,
        _ outcome: CloseOutcome,
        inputFailure: Failure?,
        shown: Int
    ) {
        (self.policy, self.conversation, self.outcome) = (policy, conversation, outcome)
        (self.inputFailure, self.shown) = (inputFailure, shown)
    }

    /// Returns the failure of the session; nil for success.
    ///
    /// - Parameters:
    ///   - unmet: the first unmet expectation.
    ///   - isUnsent: whether there is input that could not be sent.
    /// - Returns: the failure.
    func failure(unmet: UnmetExpectation?, isUnsent: Bool) -> Failure? {
        if let leaving = conversation.leaving { return leaving.status == .success ? nil : leaving }
        if let (failure, isBrokenPipe) = conversation.outputFailure {
            guard isBrokenPipe else { return failure }
            // A closed pipe (`| head -1`) is no error.
            if policy.expectations == 0 { return nil }
        }
        let failure = outcomeFailure
        if var inputFailure {
            if inputFailure.status == .lost, let failure { inputFailure.message += "; \(failure.message)" }
            return inputFailure
        }
        if let unmet {
            var failure = Failure(unmet: unmet.expectation, unmet.lastMessage, outcome, limitOfWait)
            if let problem = unmet.problem { failure.message += "; it could not be compared: \(problem)" }
            return failure
        }
        if policy.expectations > 0 { return nil }
        if let limit = policy.messageLimit {
            if shown >= limit { return nil }
            return failure ?? Failure(.expectationFailed, "received \(shown) of \(limit) messages")
        }
        guard isUnsent, failure == nil, !conversation.isEndedByUs, case .closed(let frame, _) = outcome else {
            return failure
        }
        return Failure(.lost, "the server closed the connection: \(frame.words)")
    }

    private var outcomeFailure: Failure? {
        if policy.reconnect != nil, case .closed(let frame, answering: nil) = outcome, frame.code == .goingAway {
            return Failure(closedByServer: frame)
        }
        return Failure(outcome)
    }

    /// A description of how long, or for how many messages, the session waited.
    private var limitOfWait: String {
        if let limit = policy.messageLimit, shown >= limit {
            return " within the limit of \(limit == 1 ? "1 message" : "\(limit) messages")"
        }
        switch conversation.givenUp {
        case .silence: return policy.silenceLimit.map { " within \($0.formatted) s (--timeout)" } ?? ""
        case .waited:
            guard case .fixed(let wait) = policy.replyWait else { return " in time" }
            return " within \(wait.formatted) s (--wait)"
        case nil: return " before the connection ended"
        }
    }
}
