import MessageText
import NIOCore
import WebSocketTransport
import WebSocketProtocol

/// The steps of a test that use an open connection.
extension TestRun {
    /// Performs a statement.
    ///
    /// - Throws: `TestFailure` if the statement fails.
    mutating func perform(_ statement: Statement, _ peer: inout ScriptPeer) async throws(TestFailure) {
        if case .handshake(let check) = statement.step { return try await perform(check, &peer, statement) }
        let connection = try openConnection(peer, statement)
        if let unsent = peer.unsent.take() {
            guard case .expectClose = statement.step else { throw unsent }
        }
        switch statement.step {
        case .send(let content):
            let message = try message(content, statement)
            try await send(message.batch, Excerpt.of(message), &peer, statement)
        case .expect(let pattern):
            let matcher = try matcher(pattern, statement)
            let end = ContinuousClock.now + timeout
            let message = try await nextMessage(peer, statement, matcher.words)
            try await expect(message, matcher, end, &peer, statement)
        case .skip(let pattern): try await skip(to: try matcher(pattern, statement), &peer, statement)
        case .expectInAnyOrder(let pattern):
            try await expectInAnyOrder(try matcher(pattern, statement), &peer, statement)
        case .expectAny(let count): try await expectAny(count, &peer, statement)
        case .expectNever(let pattern): try await addRule(pattern, .fail, peer, statement)
        case .answer(let pattern, let content):
            try await addRule(pattern, .answer(content, variables), peer, statement)
        case .ignore(let pattern): try await addRule(pattern, .ignore, peer, statement)
        case .every(let time, let content): try startTimer(time, content, &peer, statement)
        case .check(let path, let condition): try await check(path, condition, peer, statement)
        case .set(let name, .path(let path)): try set(name, path, peer, statement)
        case .endRules(let pattern): try endRules(pattern, &peer, statement)
        case .expectSilence(let time): try await expectSilence(time, peer, statement)
        case .ping(let data):
            let text = try text(data, statement)
            let words = text.isEmpty ? "ping" : "ping \(text)"
            try await send(MessageBatch(.ping, text.utf8), words, &peer, statement)
            peer.pings.append(Array(text.utf8))
        case .expectPing(let data):
            try await expectPing(try optionalText(data, statement), peer, statement)
        case .expectPong(let limit): try await expectPong(within: limit ?? timeout, &peer, statement)
        case .close(let code, let reason):
            let text = try text(reason, statement)
            do throws(CloseFrame.Invalid) {
                let frame = try CloseFrame(code: code, reason: text)
                note(">", "close \(frame.words)", peer)
                peer.trace?.note(.closing(frame))
                connection.close(frame)
            } catch {
                throw failure(statement, "\(error)")
            }
            peer.hasClosed = true
        case .expectClose(let code, let reason):
            try await expectClose(code, try optionalText(reason, statement), peer, statement)
        case .connect, .option, .timeout, .wait, .handshake, .set, .secret, .run, .loop: break
        }
    }

    func value<Value>(
        _ statement: Statement,
        _ make: () throws(InvalidValue) -> Value
    ) throws(TestFailure) -> Value {
        do throws(InvalidValue) {
            return try make()
        } catch {
            throw failure(statement, error.description)
        }
    }

    func text(_ template: Template, _ statement: Statement) throws(TestFailure) -> String {
        try value(statement) { () throws(InvalidValue) in try variables.expand(template) }
    }

    private func optionalText(_ template: Template?, _ statement: Statement) throws(TestFailure) -> String? {
        guard let template else { return nil }
        return try text(template, statement)
    }

    func matcher(_ pattern: MessagePattern, _ statement: Statement) throws(TestFailure) -> MessageMatcher {
        try value(statement) { () throws(InvalidValue) in try MessageMatcher(pattern, variables, folder: folder) }
    }

    func message(_ content: Content, _ statement: Statement) throws(TestFailure) -> ScriptMessage {
        try value(statement) { () throws(InvalidValue) in try ScriptMessage(content, variables, folder: folder) }
    }

    private mutating func send(
        _ batch: MessageBatch,
        _ words: String,
        _ peer: inout ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        let connection = try openConnection(peer, statement)
        // Before sending, because the reply may arrive before `send` returns.
        peer.trace?.note(sent: batch)
        do {
            if let written = connection.write(batch) { try await wait(for: written) }
        } catch {
            // Report this reliably: whether the peer has already answered our Close is a matter of timing.
            // The end of the connection may still be on its way to the inbox.
            let hasEnded = error as? SendError == .notOpen || error is ChannelError || error is IOError
            let limit = hasEnded ? min(timeout, .seconds(1)) : .zero
            let ending = peer.hasClosed ? nil : await peer.inbox.take(within: limit, on: loop) { $0.ending }
            let why = ending.map(Self.words) ?? (peer.hasClosed ? "the script has closed the connection" : "\(error)")
            let failure = failure(statement, "cannot send: \(why)")
            guard case .closed? = ending else { throw failure }
            return peer.unsent = failure
        }
        note(">", words, peer)
    }

    /// Waits for a peer to read, within the timeout and unless the task is canceled.
    private func wait(for written: EventLoopFuture<Void>) async throws {
        let promise = written.eventLoop.makePromise(of: Void.self)
        written.cascade(to: promise)
        let timer = written.eventLoop.scheduleTask(in: TimeAmount(timeout)) { [timeout] in
            promise.fail(InvalidValue("not read within \(Seconds.words(timeout))"))
        }
        defer { timer.cancel() }
        try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(InvalidValue("the run was interrupted"))
        }
    }

    /// Compares a received message with a pattern. If it matches, records it and keeps captured values.
    mutating func match(
        _ message: ScriptMessage,
        _ matcher: MessageMatcher,
        _ end: ContinuousClock.Instant,
        _ peer: inout ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) -> MessageMatcher.Match {
        let result = try await compare(message, matcher, end, statement)
        if case .matched = result {
            note("<", Excerpt.of(message), peer)
            peer.lastMessage = message
        }
        return result
    }

    /// Compares a message, or a part of the handshake, with a pattern. If it matches, keeps captured values.
    mutating func compare(
        _ message: ScriptMessage,
        _ matcher: MessageMatcher,
        _ end: ContinuousClock.Instant,
        _ statement: Statement
    ) async throws(TestFailure) -> MessageMatcher.Match {
        // The message may have arrived at the last moment.
        let limit = max(.seconds(1), end - .now)
        let result = await matcher.match(message, within: limit)
        switch result {
        case .matched(let captures):
            for (name, value) in captures where !variables.capture(name, value) {
                let limit = "the limit for all captured values is \(Variables.sizeLimit >> 20) MiB"
                throw failure(statement, "the group (?<\(name)>…) matched \(value.utf8.count) bytes; \(limit)")
            }
        case .differs: break
        case .abandoned:
            let what = ["- \(matcher.words)", "+ \(Excerpt.of(message))"]
            throw failure(statement, "the regular expression timed out after \(Seconds.words(limit))", what)
        }
        return result
    }

    /// Fails if a message differs from a pattern.
    mutating func expect(
        _ message: ScriptMessage,
        _ matcher: MessageMatcher,
        _ end: ContinuousClock.Instant,
        _ peer: inout ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        if case .differs(let words, let lines) = try await match(message, matcher, end, &peer, statement) {
            throw failure(statement, words, lines)
        }
    }

    // MARK: Messages

    enum Next: Sendable {
        case message(ScriptMessage)
        case ending(CloseOutcome)
    }

    /// Returns the next message, or the end of the connection after the last one.
    func next(within limit: Duration, _ peer: ScriptPeer) async -> Next? {
        await peer.inbox.take(within: limit, on: loop) { content in
            content.takeMessage().map(Next.message) ?? content.ending.map(Next.ending)
        }
    }

    private func nextMessage(
        _ peer: ScriptPeer,
        _ statement: Statement,
        _ expected: String
    ) async throws(TestFailure) -> ScriptMessage {
        switch await next(within: timeout, peer) {
        case .message(let message): return message
        case .ending(let ending):
            throw failure(statement, "expected a message, but \(Self.words(ending))", ["- \(expected)"])
        case nil: throw failure(statement, "no message within \(Seconds.words(timeout))", ["- \(expected)"])
        }
    }

    private mutating func skip(
        to matcher: MessageMatcher,
        _ peer: inout ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        let end = ContinuousClock.now + timeout
        var others = PassedMessages()
        while true {
            let reason: String
            switch await next(within: max(.zero, end - .now), peer) {
            case .message(let message):
                guard case .differs = try await match(message, matcher, end, &peer, statement) else { return }
                others.add(message)
                // A peer that never stops sending must not outlast the time limit.
                if .now < end { continue }
                reason = "none arrived within \(Seconds.words(timeout))"
            case .ending(let ending): reason = Self.words(ending)
            case nil: reason = "none arrived within \(Seconds.words(timeout))"
            }
            throw await noMatch(matcher, reason, others, peer, statement)
        }
    }

    private func expectSilence(
        _ time: Duration,
        _ peer: ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        switch await next(within: time, peer) {
        case .message(let message):
            let words = "expected no message for \(Seconds.words(time)), but received one"
            throw failure(statement, words, ["+ \(Excerpt.of(message))"])
        case .ending(let ending):
            throw failure(statement, "expected no message for \(Seconds.words(time)), but \(Self.words(ending))")
        case nil: break
        }
    }
}
