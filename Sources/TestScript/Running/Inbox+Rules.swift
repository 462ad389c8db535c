import NIOCore
import WebSocketProtocol
import WebSocketTransport

/// Rules for the messages of an inbox, applied by the task that reads the connection.
extension Inbox {
    /// Adds a rule and applies it to unread messages; a prohibition is applied to all messages received so far.
    ///
    /// - Returns: false if there are too many rules.
    func add(_ rule: MessageRule) async -> Bool {
        let earlier: [QueuedMessage]? = change { state in
            guard state.rules.count < MessageRule.limit else { return nil }
            state.rules.append(rule)
            state.ruleChanges += 1
            return rule.isProhibition ? state.content.history : state.content.takeAll()
        }
        guard let earlier else { return false }
        var kept: [QueuedMessage] = []
        for queued in earlier {
            let verdict = await MessageRule.verdict(of: [rule], on: queued.message)
            if await !act(on: verdict) { kept.append(queued) }
        }
        if !rule.isProhibition { change { $0.content.prepend(kept) } }
        if rule.isProhibition, change({ $0.content.historyIsIncomplete }) {
            let words = "too many messages arrived before this statement to search all of them"
            fail(TestFailure(statement: rule.statement, message: words, details: []))
        }
        return true
    }

    /// Removes the rules with a pattern, or all rules if it is nil; prohibitions are kept.
    ///
    /// - Returns: whether there were any.
    func removeRules(_ pattern: MessagePattern?) -> Bool {
        change { state in
            let count = state.rules.count
            state.rules.removeAll { !$0.isProhibition && (pattern == nil || $0.pattern == pattern) }
            state.ruleChanges += 1
            return state.rules.count < count
        }
    }

    /// Adds a received message to the queue, unless a rule hides it.
    func deliver(_ message: ScriptMessage) async {
        while true {
            let (rules, version) = change { ($0.rules, $0.ruleChanges) }
            let verdict = rules.isEmpty ? .keep : await MessageRule.verdict(of: rules, on: message)
            // A rule may have been added or removed in the meantime.
            let isCurrent = change { state in
                guard state.ruleChanges == version else { return false }
                if verdict.keepsMessage, !state.isDiscarding { state.content.append(message) }
                if case .fault(let failure) = verdict { state.content.fail(failure) }
                return true
            }
            if isCurrent {
                _ = await act(on: verdict)
                return
            }
        }
    }

    /// Sends the answer of a rule or records its failure.
    ///
    /// - Returns: whether the message is hidden from statements.
    private func act(on verdict: MessageRule.Verdict) async -> Bool {
        switch verdict {
        case .keep: return false
        case .hide: return true
        case .answer(let answer):
            // The next statement that uses the connection reports that it has ended.
            trace?.note(sent: answer.batch)
            try? await connection?.send(answer.batch)
            return true
        case .fault(let failure):
            fail(failure)
            return false
        }
    }

    private func fail(_ failure: TestFailure) {
        change { $0.content.fail(failure) }
    }
}

extension MessageRule.Verdict {
    fileprivate var keepsMessage: Bool {
        switch self {
        case .keep, .fault: true
        case .hide, .answer: false
        }
    }
}
