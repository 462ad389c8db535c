import CPOSIX
import MessageText
import NIOCore
package import WebSocketTransport
import WebSocketProtocol

/// One run of a test: performs its statements in order until one fails.
package struct TestRun: Sendable {
    let test: ScriptTest
    let folder: String
    let context: TestContext
    var variables: Variables
    var timeout: Duration
    private let trace: TestTrace?
    /// The HTTP/2 connections of the test, which its connections to the same server share.
    let http2: HTTP2Pool
    var peers: [String: ScriptPeer] = [:]
    /// The connections that are not open yet, in the order of the script.
    var pending: [String] = []
    private var common: [ScriptPeer.Option] = []
    /// The rounds of the loops being performed, the outermost first.
    var rounds: [String] = []
    /// Receives the tasks that read connections; a test ends after them.
    let readers: AsyncStream<Task<Void, Never>>.Continuation
    private let readings: AsyncStream<Task<Void, Never>>
    /// The process groups that commands have left running.
    var processGroups: [pid_t] = []
    private var statementCount = 0
    /// The newest messages in both directions, for the report of a failure.
    private var transcript: [String] = []

    /// The event loop for timers.
    var loop: any EventLoop { context.group.next() }

    /// The maximum number of statements that a test runs, with each round of a loop.
    static let statementLimit = 1_000_000
    private static let transcriptLength = 6
    /// How long a server has to answer the Close at the end of a test.
    private static let grace: TimeAmount = .seconds(1)

    private init(_ test: ScriptTest, folder: String, _ context: TestContext) {
        self.test = test
        self.folder = folder
        self.context = context
        variables = Variables(given: context.variables)
        timeout = context.timeout
        trace = context.trace.map(TestTrace.init)
        http2 = HTTP2Pool(on: context.group.next())
        (readings, readers) = AsyncStream.makeStream()
    }

    /// Runs a test as a client, and closes its connections.
    ///
    /// - Returns: the failure, nil if the test passed; the time it took; its trace, and what to hide in that.
    static func run(
        _ test: ScriptTest,
        of script: Script,
        _ context: TestContext
    ) async -> (failure: TestFailure?, time: Duration, trace: TestTrace.Content?, secrets: Secrets) {
        var run = TestRun(test, folder: script.folder, context)
        let (failure, time) = await run.perform()
        return (failure, time, run.trace?.events, run.secrets)
    }

    /// Plays a test as a server with a connected client.
    ///
    /// - Returns: the failure, nil if the test passed; the time it took; and how the connection ended.
    package static func play(
        _ test: ScriptTest,
        of script: Script,
        with connection: Connection,
        _ context: TestContext
    ) async -> (failure: TestFailure?, time: Duration, ending: CloseOutcome) {
        var run = TestRun(test, folder: script.folder, context)
        let peer = ScriptPeer(name: "", connect: nil)
        if test.prohibits(on: "") { peer.inbox.keepHistory() }
        peer.inbox.enter(.open(connection))
        run.peers[""] = peer
        let inbox = peer.inbox
        run.readers.yield(Task { await inbox.receive(from: connection) })
        let (failure, time) = await run.perform()
        let ending = await inbox.take(within: .zero, on: connection.eventLoop) { $0.ending }
        return (failure, time, ending ?? .lost(reason: nil, whileClosing: true))
    }

    /// Performs the test. Canceling it ends its statements, and limits the time of its `finally` part, for which its
    /// connections stay open.
    ///
    /// - Returns: the failure, nil if the test passed or was canceled; and the time it took.
    private mutating func perform() async -> (failure: TestFailure?, time: Duration) {
        let start = ContinuousClock.now
        let reading = Task { [readings] in
            await withDiscardingTaskGroup { group in
                for await reader in readings { group.addTask { await reader.value } }
            }
        }
        let statements = Task { [self] in
            var run = self
            return (await run.performStatements(), run)
        }
        var failure: TestFailure?
        (failure, self) = await withTaskCancellationHandler {
            await statements.value
        } onCancel: {
            statements.cancel()
        }
        // The failure of an interrupted statement says nothing about the server.
        if Task.isCancelled { failure = nil }
        let cleanup = Task { [self, failure] in
            var run = self
            return (await run.performCleanup(after: failure), run)
        }
        (failure, self) = await withTaskCancellationHandler {
            await cleanup.value
        } onCancel: { [timeout] in
            Task {
                try? await Task.sleep(for: timeout)
                cleanup.cancel()
            }
        }
        let time = ContinuousClock.now - start
        for peer in peers.values { end(peer, failure) }
        await ShellCommand.end(processGroups)
        readers.finish()
        await reading.value
        return (failure, time)
    }

    private mutating func performStatements() async -> TestFailure? {
        do throws(TestFailure) {
            try await perform(test.statements)
            // Connecting alone is a test, too.
            try await openPending()
            try checkRules()
            for name in peers.keys.sorted() { try checkUnsent(name) }
            return nil
        } catch {
            pending = []
            return conceal(error)
        }
    }

    /// Performs the `finally` part, unless the test was canceled before its first statement.
    private mutating func performCleanup(after failure: TestFailure?) async -> TestFailure? {
        guard statementCount > 0, !test.cleanup.isEmpty else { return failure }
        (rounds, transcript) = ([], [])
        for peer in peers.values { peer.inbox.change { $0.content.forgetFailure() } }
        for name in peers.keys { peers[name]?.unsent = nil }
        do throws(TestFailure) {
            try await perform(test.cleanup)
            return failure
        } catch {
            let second = conceal(error)
            guard var failure else { return second }
            failure.inFinally = [second]
            return failure
        }
    }

    private func end(_ peer: ScriptPeer, _ failure: TestFailure?) {
        // Discard first, so that connections still being opened are dropped at once; open ones are closed below.
        peer.inbox.discard()
        if !peer.hasClosed, peer.inbox.isOpen { peer.trace?.note(.closing(.normal)) }
        for timer in peer.timers { timer.cancel() }
        if let failure, peer.connect == nil {
            // The author of the client sees this reason there, too.
            let reason = "line \(failure.statement.line.number) of the script failed"
            let frame = try? CloseFrame(code: .policyViolation, reason: reason)
            peer.connection?.close(frame ?? .normal, within: Self.grace)
        } else {
            peer.connection?.close(.normal, within: Self.grace)
        }
    }

    /// Adds the rounds of loops and the messages before the failure, and hides secrets.
    private func conceal(_ failure: TestFailure) -> TestFailure {
        let secrets = secrets
        var failure = failure
        failure.message = secrets.hide(failure.message)
        let place = rounds.isEmpty ? [] : ["in " + rounds.joined(separator: ", ")]
        failure.details = (place + failure.details).map(secrets.hide)
        failure.earlier = transcript.map(secrets.hide)
        return failure
    }

    private var secrets: Secrets { variables.secrets(of: test.allStatements) }

    // MARK: Statements

    mutating func perform(_ statements: [Statement]) async throws(TestFailure) {
        for statement in statements {
            guard !Task.isCancelled else { return }
            try count(statement)
            try await perform(statement)
        }
    }

    mutating func count(_ statement: Statement) throws(TestFailure) {
        statementCount += 1
        guard statementCount <= Self.statementLimit else {
            throw failure(statement, "the test runs too many statements; the limit is \(Self.statementLimit)")
        }
    }

    private mutating func perform(_ statement: Statement) async throws(TestFailure) {
        let name = statement.connection
        switch statement.step {
        case .connect:
            // In a loop, this replaces the connection of the last round.
            if pending.contains(name) { try await openPending() }
            try checkUnsent(name)
            if let last = peers[name] { end(last, nil) }
            peers[name] = ScriptPeer(name: name, connect: statement, trace)
            if test.prohibits(on: name) { peers[name]?.inbox.keepHistory() }
            peers[name]?.options = common
            pending.append(name)
            return
        case .option(let option, let value):
            let written = ScriptPeer.Option(statement: statement, option: option, value: value)
            if peers[name] == nil {
                common.append(written)
            } else if pending.contains(name) {
                peers[name]?.options.append(written)
            } else {
                throw failure(statement, "the connection is already open")
            }
            return
        case .timeout(let limit):
            timeout = limit
            return
        case .loop(let loop): return try await perform(loop, statement)
        default: break
        }
        // The options of all connections before this statement are complete.
        try await openPending()
        if case .wait(let time) = statement.step {
            try? await Task.sleep(for: time)
            return
        }
        if try await performValue(statement) { return }
        guard var peer = peers[name] else { throw failure(statement, "unknown connection \(name)") }
        // Assigned back also after a failure, for the end of its timers.
        defer { peers[name] = peer }
        do throws(TestFailure) {
            try await perform(statement, &peer)
        } catch {
            // The failure of a rule is the earlier one.
            try checkRules()
            throw error
        }
        try checkRules()
    }

    /// Fails if a rule has failed.
    private func checkRules() throws(TestFailure) {
        for name in peers.keys.sorted() {
            if let fault = peers[name]?.inbox.fault { throw fault }
        }
    }

    /// Fails if the last message was not sent because the peer had closed.
    private func checkUnsent(_ name: String) throws(TestFailure) {
        if let unsent = peers[name]?.unsent { throw unsent }
    }

    func failure(_ statement: Statement, _ message: String, _ details: [String] = []) -> TestFailure {
        TestFailure(statement: statement, message: message, details: details)
    }

    mutating func note(_ direction: String, _ words: String, _ peer: ScriptPeer) {
        transcript.append("\(peer.mark)\(direction) \(words)")
        if transcript.count > Self.transcriptLength { transcript.removeFirst() }
    }

    /// Describes how a connection ended.
    static func words(_ ending: CloseOutcome) -> String {
        switch ending {
        case .closed(let frame, answering: nil): "the peer closed the connection: \(frame.words)"
        case .closed(let frame, answering: _): "the connection is closed: \(frame.words)"
        case .violation, .lost, .closeTimedOut: ending.fault(.script) ?? "the connection ended"
        }
    }
}
