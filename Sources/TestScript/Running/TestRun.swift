import MessageText
import NIOCore
package import WebSocketTransport
import WebSocketProtocol

/// One run of a test: performs its statements in order until one fails.
package struct TestRun {
    private let test: ScriptTest
    let folder: String
    let context: TestContext
    var variables: Variables
    var timeout: Duration
    private var peers: [String: ScriptPeer] = [:]
    private var common: [(option: ConnectionOption, value: Template?)] = []
    /// The newest messages in both directions, for the report of a failure.
    private var transcript: [String] = []

    /// The event loop for timers.
    var loop: any EventLoop { context.group.next() }

    private static let transcriptLength = 6
    /// How long a server has to answer the Close at the end of a test.
    private static let grace: TimeAmount = .seconds(1)

    private init(_ test: ScriptTest, folder: String, _ context: TestContext) {
        self.test = test
        self.folder = folder
        self.context = context
        variables = Variables(given: context.variables)
        timeout = context.timeout
    }

    /// Runs a test as a client, and closes its connections.
    ///
    /// - Returns: the failure, nil if the test passed; and the time it took.
    static func run(
        _ test: ScriptTest,
        of script: Script,
        _ context: TestContext
    ) async -> (failure: TestFailure?, time: Duration) {
        var run = TestRun(test, folder: script.folder, context)
        return await run.perform()
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
        let peer = ScriptPeer(name: "", url: nil)
        peer.inbox.enter(.open(connection))
        run.peers[""] = peer
        let inbox = peer.inbox
        let (failure, time) = await run.perform { await inbox.receive(from: connection) }
        let ending = await inbox.take(within: .zero, on: connection.eventLoop) { $0.ending }
        return (failure, time, ending ?? .lost(reason: nil, whileClosing: true))
    }

    private mutating func perform(
        _ reading: (@Sendable () async -> Void)? = nil
    ) async -> (failure: TestFailure?, time: Duration) {
        let start = ContinuousClock.now
        return await withDiscardingTaskGroup { group in
            if let reading { group.addTask { await reading() } }
            var failure: TestFailure?
            do throws(TestFailure) {
                for statement in test.statements {
                    guard !Task.isCancelled else { break }
                    try await perform(statement, &group)
                }
                // Open connections without statements: connecting alone is a test, too.
                for name in peers.keys.sorted() where peers[name]?.connection == nil {
                    guard let statement = test.statements.first(where: { $0.connection == name && $0.isConnect }) else {
                        continue
                    }
                    _ = try await open(name, statement, &group)
                }
            } catch {
                failure = conceal(error)
            }
            let time = ContinuousClock.now - start
            for peer in peers.values { end(peer, failure) }
            return (failure, time)
        }
    }

    private func end(_ peer: ScriptPeer, _ failure: TestFailure?) {
        // Discard first, so that connections still being opened are dropped at once; open ones are closed below.
        peer.inbox.discard()
        if Task.isCancelled {
            peer.connection?.abort()
        } else if let failure, peer.url == nil {
            // The author of the client sees this reason there, too.
            let reason = "line \(failure.statement.line.number) of the script was not met"
            let frame = try? CloseFrame(code: .policyViolation, reason: reason)
            peer.connection?.close(frame ?? .normal, within: Self.grace)
        } else {
            peer.connection?.close(.normal, within: Self.grace)
        }
    }

    /// Adds the messages before the failure, and hides secrets.
    private func conceal(_ failure: TestFailure) -> TestFailure {
        let names = Set(test.statements.flatMap(\.step.templates).flatMap(\.variables))
        let secrets = variables.secrets(names)
        return TestFailure(
            statement: failure.statement,
            message: secrets.hide(failure.message),
            details: failure.details.map(secrets.hide),
            earlier: transcript.map(secrets.hide)
        )
    }

    // MARK: Statements

    private mutating func perform(
        _ statement: Statement,
        _ group: inout DiscardingTaskGroup
    ) async throws(TestFailure) {
        let name = statement.connection
        switch statement.step {
        case .connect(let url):
            peers[name] = ScriptPeer(name: name, url: url)
            peers[name]?.options = common
            return
        case .option(let option, let value):
            if peers[name] == nil {
                common.append((option, value))
            } else {
                peers[name]?.options.append((option, value))
            }
            return
        case .timeout(let limit):
            timeout = limit
            return
        case .wait(let time):
            // `wait` belongs to no particular connection, but like any other statement it opens all of them.
            for name in peers.keys.sorted() { _ = try await open(name, statement, &group) }
            try? await Task.sleep(for: time)
            return
        default: break
        }
        var peer = try await open(name, statement, &group)
        try await perform(statement, &peer)
        peers[name] = peer
    }

    func failure(_ statement: Statement, _ message: String, _ details: [String] = []) -> TestFailure {
        TestFailure(statement: statement, message: message, details: details)
    }

    mutating func note(_ direction: String, _ words: String, _ peer: ScriptPeer) {
        transcript.append("\(peer.mark)\(direction) \(words)")
        if transcript.count > Self.transcriptLength { transcript.removeFirst() }
    }

    // MARK: Connections

    private mutating func open(
        _ name: String,
        _ statement: Statement,
        _ group: inout DiscardingTaskGroup
    ) async throws(TestFailure) -> ScriptPeer {
        guard let peer = peers[name] else { throw failure(statement, "there is no connection \(name)") }
        guard peer.connection == nil, let template = peer.url else { return peer }
        let opening = test.statements.first { $0.connection == name && $0.isConnect } ?? statement
        let (url, options, limit) = try dialing(template, peer.options, opening)
        group.addTask { [context] in await peer.dial(url, options, context.group) }
        switch await peer.inbox.take(within: limit + .seconds(1), on: loop, \.opening) {
        case .success: return peer
        case .failure(let explanation): throw failure(opening, explanation.message, explanation.details)
        case nil: throw failure(opening, "no connection within \(ScriptTime.words(limit))")
        }
    }

    /// Returns the URL, configuration and time limit for opening a connection.
    private func dialing(
        _ template: Template,
        _ options: [(option: ConnectionOption, value: Template?)],
        _ statement: Statement
    ) throws(TestFailure) -> (WebSocketURL, ConnectionConfiguration, Duration) {
        do {
            let target = try ScriptTarget.read(try template.expanded { variables[$0] })
            guard let url = target ?? context.echo else { throw InvalidValue("there is no server behind echo:") }
            var configuration = try ConnectionSetup.configuration(
                try options.map(setting),
                for: url,
                folder: folder,
                .script
            )
            if target == nil { configuration.leaveProxyOut(for: url) }
            let limit = min(timeout, .nanoseconds(configuration.connectTimeout.nanoseconds))
            configuration.connectTimeout = .nanoseconds(Int64(limit / .nanoseconds(1)))
            return (url, configuration, limit)
        } catch let error as InvalidValue {
            let templates = [template] + options.compactMap(\.value)
            throw failure(statement, Secrets.words(error.description, about: templates))
        } catch {
            let explanation = Explanation(error)
            throw failure(statement, explanation.message, explanation.details)
        }
    }

    private func setting(_ option: ConnectionOption, _ value: Template?) throws(InvalidValue) -> ConnectionSetting {
        let text = try value?.expanded { variables[$0] } ?? ""
        do throws(InvalidValue) {
            return try option.setting(text)
        } catch {
            throw InvalidValue(OptionSpelling.script.explain(error, option, text))
        }
    }

    /// Describes how a connection ended.
    static func words(_ ending: CloseOutcome) -> String {
        switch ending {
        case .closed(let frame, answering: nil): "the peer closed the connection: \(frame.words)"
        case .closed(let frame, answering: _): "the connection was closed: \(frame.words)"
        case .violation, .lost, .closeTimedOut: ending.fault(.script) ?? "the connection ended"
        }
    }
}

extension Statement {
    var isConnect: Bool { if case .connect = step { true } else { false } }
}

extension Inbox.Content {
    /// The result of opening the connection; nil while it is in progress.
    fileprivate var opening: Result<Connection, Explanation>? {
        if let connection { return .success(connection) }
        if case .failed(let explanation) = phase { return .failure(explanation) }
        return nil
    }
    /// How the connection ended; nil while it is open.
    var ending: CloseOutcome? { if case .ended(let ending) = phase { ending } else { nil } }
}
