import MessageText
import NIOCore
import WebSocketTransport

/// Statements about messages in any order, and rules for messages that no statement waits for.
extension TestRun {
    /// Waits for a message that matches, and keeps all others for later statements.
    mutating func expectInAnyOrder(
        _ matcher: MessageMatcher,
        _ peer: inout ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        let end = ContinuousClock.now + timeout
        var last = -1
        var others = PassedMessages()
        while true {
            let next = await peer.inbox.take(within: max(.zero, end - .now), on: loop) { content in
                content.message(after: last).map(NextInQueue.message) ?? content.ending.map(NextInQueue.ending)
            }
            let reason: String
            switch next {
            case .message(let queued):
                last = queued.id
                if case .matched = try await match(queued.message, matcher, end, &peer, statement) {
                    _ = await peer.inbox.take(within: .zero, on: loop) { $0.remove(queued.id) }
                    return
                }
                others.add(queued.message)
                if .now < end { continue }
                reason = "none arrived within \(Seconds.words(timeout))"
            case .ending(let ending): reason = Self.words(ending)
            case nil: reason = "none arrived within \(Seconds.words(timeout))"
            }
            throw await noMatch(matcher, reason, others, statement)
        }
    }

    /// Returns the failure of a step that has waited for a message that matches.
    func noMatch(
        _ matcher: MessageMatcher,
        _ reason: String,
        _ others: PassedMessages,
        _ statement: Statement
    ) async -> TestFailure {
        let count = others.count == 0 ? "" : "; received \(others.count) other\(others.count == 1 ? "" : "s")"
        return failure(
            statement,
            "expected a matching message, but \(reason)\(count)",
            ["- \(matcher.words)"] + (await matcher.closest(of: others.newest))
        )
    }

    private enum NextInQueue: Sendable {
        case message(Inbox.QueuedMessage)
        case ending(CloseOutcome)
    }

    /// Adds a rule for messages from here on, or for a prohibition, from the start of the connection.
    func addRule(
        _ pattern: MessagePattern,
        _ action: MessageRule.Action,
        _ peer: ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        let rule = MessageRule(
            pattern: pattern,
            matcher: try matcher(pattern, statement),
            action: action,
            statement: statement,
            folder: folder,
            timeout: max(timeout, .seconds(1))
        )
        guard await peer.inbox.add(rule) else {
            throw failure(statement, "too many rules; the limit is \(MessageRule.limit) for a connection")
        }
    }

    /// Sends a message at an interval.
    func startTimer(
        _ time: Duration,
        _ content: Content,
        _ peer: inout ScriptPeer,
        _ statement: Statement
    ) throws(TestFailure) {
        guard peer.timers.count < MessageRule.limit else {
            throw failure(statement, "too many timers; the limit is \(MessageRule.limit) for a connection")
        }
        let connection = try openConnection(peer, statement)
        let first = try message(content, statement)
        peer.timers.append(
            Task { [variables, folder, trace = peer.trace] in
                var next: ScriptMessage? = first
                while let message = next, (try? await Task.sleep(for: time)) != nil {
                    trace?.note(sent: message.batch)
                    // A connection that has ended is reported by the statement that uses it.
                    guard (try? await connection.send(message.batch)) != nil else { return }
                    next = try? ScriptMessage(content, variables, folder: folder)
                }
            }
        )
    }

    /// Ends the rules with a pattern, or all rules and timers.
    func endRules(
        _ pattern: MessagePattern?,
        _ peer: inout ScriptPeer,
        _ statement: Statement
    ) throws(TestFailure) {
        let isFound = peer.inbox.removeRules(pattern)
        guard pattern == nil || isFound else {
            throw failure(statement, "there is no on or ignore with this pattern")
        }
        if pattern == nil { peer.endTimers() }
    }
}

/// The messages that a step has passed over.
struct PassedMessages {
    private(set) var count = 0
    /// The maximum size of a message to keep, in bytes.
    private static let sizeLimit = 1 << 20
    /// The newest of them, for the report of a failure.
    private(set) var newest: [ScriptMessage] = []

    mutating func add(_ message: ScriptMessage) {
        count += 1
        guard message.payload.readableBytes <= Self.sizeLimit else { return }
        newest.append(message)
        if newest.count > MessageMatcher.candidateLimit { newest.removeFirst() }
    }
}
