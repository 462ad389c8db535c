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
    ///   - inputFailure: the reason why not all input was sent.
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
    func failure(unmet: UnmetExpectation?) -> Failure? {
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
            if let problem = unmet.problem { failure.message += "; it could not be checked: \(problem)" }
            return failure
        }
        if policy.expectations > 0 { return nil }
        guard let limit = policy.messageLimit else { return failure }
        if shown >= limit { return nil }
        return failure ?? Failure(.expectationFailed, "received \(shown) of \(limit) messages")
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
            return " among the \(limit == 1 ? "one message" : "\(limit) messages") waited for"
        }
        switch conversation.givenUp {
        case .silence: return policy.silenceLimit.map { " within \($0.formatted) s (--timeout)" } ?? ""
        case .waited:
            guard case .fixed(let wait) = policy.replyWait else { return " in time" }
            return " within the \(wait.formatted) s of --wait"
        case nil: return " before the connection ended"
        }
    }
}
