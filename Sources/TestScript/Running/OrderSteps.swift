import MessageText
import NIOCore
import WebSocketTransport

/// Execution of rules and of statements about messages in any order.
extension TestRun {
    /// Waits for a matching message and keeps all others for later statements.
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
            throw await noMatch(matcher, reason, others, peer, statement)
        }
    }

    /// Receives messages of any content.
    mutating func expectAny(
        _ count: Int,
        _ peer: inout ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        let end = ContinuousClock.now + timeout
        for received in 0..<count {
            let expected = count == 1 ? "a message" : "\(count) messages"
            let words = "expected \(expected), received \(received == 0 ? "none" : "\(received)")"
            switch await next(within: max(.zero, end - .now), peer) {
            case .message(let message):
                note("<", Excerpt.of(message), peer)
                peer.lastMessage = message
            case .ending(let ending): throw failure(statement, "\(words): \(Self.words(ending))")
            case nil: throw failure(statement, "\(words) within \(Seconds.words(timeout))")
            }
        }
    }

    /// Returns the failure of a step that received no matching message.
    mutating func noMatch(
        _ matcher: MessageMatcher,
        _ reason: String,
        _ others: PassedMessages,
        _ peer: ScriptPeer,
        _ statement: Statement
    ) async -> TestFailure {
        let closest = await matcher.closest(of: others.newest)
        // Without a closest message, the newest are all that a report can show.
        if closest.isEmpty { for message in others.newest { note("<", Excerpt.of(message), peer) } }
        let count = others.count == 0 ? "" : "; received \(others.count) other\(others.count == 1 ? "" : "s")"
        return failure(
            statement,
            "expected a matching message, but \(reason)\(count)",
            ["- \(matcher.words)"] + closest
        )
    }

    private enum NextInQueue: Sendable {
        case message(Inbox.QueuedMessage)
        case ending(CloseOutcome)
    }

    /// Adds a rule for unread and later messages; a prohibition also applies to all earlier messages.
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

    /// Starts sending a message at an interval.
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
                    // The next statement that uses the connection reports that it has ended.
                    guard (try? await connection.send(message.batch)) != nil else { return }
                    next = try? ScriptMessage(content, variables, folder: folder)
                }
            }
        )
    }

    /// Removes the rules with a pattern, or all rules and timers.
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

/// The messages that a step has skipped.
struct PassedMessages {
    private(set) var count = 0
    /// The maximum size of a message to keep, in bytes.
    private static let sizeLimit = 1 << 20
    /// The newest skipped messages, for the report of a failure.
    private(set) var newest: [ScriptMessage] = []

    mutating func add(_ message: ScriptMessage) {
        count += 1
        guard message.payload.readableBytes <= Self.sizeLimit else { return }
        newest.append(message)
        if newest.count > MessageMatcher.candidateLimit { newest.removeFirst() }
    }
}
