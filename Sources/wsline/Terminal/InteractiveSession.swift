import LineEditor
import MessageText
import NIOCore
import Synchronization
import WebSocketTransport
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A session at a terminal: lines typed are messages and commands, what comes stands above the line being typed.
///
/// The terminal is one for all connections of the session; `Typist` reads it.
struct InteractiveSession: Sendable {
    private let plan: SessionPlan
    private let log: EventLog
    private let screen: SessionScreen
    private let typist: Typist
    /// Where messages are made ready and written, which may take its time.
    private let output = QueueExecutor(label: "output")

    /// Connects, and runs the session to its end; the terminal is as it was afterwards.
    ///
    /// - Throws: `ConnectError` or `Failure` when it did not end as asked.
    static func run(
        _ plan: SessionPlan,
        _ url: WebSocketURL,
        _ dialer: SessionDialer,
        _ notices: Diagnostics,
        _ log: EventLog
    ) async throws {
        // The terminal is not taken before there is something to talk to: until then Ctrl-C just ends the program.
        let (session, first) = try await firstConnection(plan, notices, log) {
            try await dialer.withConnection(to: url, notices) { connection in
                let session = try InteractiveSession(plan, log)
                notices.print(through: { session.screen.tell($0) })
                return (session, await session.outcome { try await session.talk(connection, url) })
            }
        }
        defer { notices.print(through: nil) }
        do {
            try await session.goOn(after: first, dialer, notices)
        } catch {
            await session.end()
            throw error
        }
        await session.end()
    }

    /// Connects, again and again if the session is to be kept.
    private static func firstConnection<Result>(
        _ plan: SessionPlan,
        _ notices: Diagnostics,
        _ log: EventLog,
        _ connect: () async throws -> Result
    ) async throws -> Result {
        var backoff = plan.reconnect.map(Backoff.init)
        while true {
            do {
                return try await connect()
            } catch let error as ConnectError {
                let diagnostic = Failure(error)
                guard let retry = backoff?.retry(after: diagnostic) else { throw error }
                try? log.write(.error(diagnostic))
                notices.notice("wsline: \(retry.words)")
                try await retry.wait(plan)
            }
        }
    }

    private typealias Outcome = Result<WebSocketURL?, any Error>

    private func outcome(of body: () async throws -> WebSocketURL?) async -> Outcome {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    /// Connects again for as long as the user wants, or `--reconnect` does.
    private func goOn(after first: Outcome, _ dialer: SessionDialer, _ notices: Diagnostics) async throws {
        var outcome = first
        var backoff = plan.reconnect.map(Backoff.init)
        while true {
            do {
                guard let url = try outcome.get() else { return }
                backoff?.noteConnected()
                outcome = await self.outcome { try await reconnect(to: url, after: nil, dialer, notices) }
            } catch {
                let diagnostic = Failure(error)
                guard let url = typist.lastServer, let retry = backoff?.retry(after: diagnostic) else { throw error }
                try? log.write(.error(diagnostic))
                typist.disconnect()
                await screen.say(retry.words)
                let start = ContinuousClock.now + .seconds(retry.delay)
                outcome = await self.outcome { try await reconnect(to: url, after: retry, dialer, notices) }
                if case .failure(let error) = outcome, error is ConnectError { continue }
                backoff?.noteConnected(at: start)
            }
        }
    }

    /// Takes the terminal over.
    ///
    /// - Throws: `Failure` when there is no terminal to type at.
    private init(_ plan: SessionPlan, _ log: EventLog) throws {
        self.plan = plan
        self.log = log
        let history = plan.keepsHistory ? HistoryFile.ofUser(StandardStreams.variable) : nil
        var earlier: [String] = []
        var trouble: String?
        do throws(SystemCallError) {
            earlier = try history?.load() ?? []
        } catch {
            trouble = "the history is not kept: \(error)"
        }
        let terminal = try Terminal.ofUser(outputIsTerminal: plan.outputIsTerminal) { configuration in
            configuration.prompt = SessionScreen.prompt(.connected, isColored: plan.display.isColored)
            configuration.history = earlier
            configuration.historyLimit = HistoryFile.limit
            configuration.completer = Completer.complete
        }
        screen = SessionScreen(terminal, plan)
        if plan.outputIsTerminal { log.print(through: { terminal.enqueue($0) }) }
        typist = Typist(plan, screen, log, trouble == nil ? history : nil, earlier: earlier)
        if let trouble { Task { [screen] in await screen.say(trouble) } }
    }

    private func end() async {
        await screen.terminal.shutdown()
        log.print(through: nil)
        await typist.stop()
    }

    /// Runs a connection to its end; returns the server to connect to next, if the user wants one.
    private func talk(_ connection: Connection, _ url: WebSocketURL) async throws -> WebSocketURL? {
        let report = ConnectionReport(url: url, connection: connection, start: .now())
        let ends = typist.begin(.init(connection: connection, report: report))
        screen.show(.connected)
        if plan.verbosity > .quiet {
            await screen.say("connected to \(url) (/help lists the commands, Ctrl-D closes)")
        }
        let loop = SessionLoop(plan: plan, connection: connection, signals: Signals([SIGTERM, SIGHUP]), log: log)
        try await loop.run(
            inputExecutor: nil,
            send: {
                await typist.sendFirst(connection)
                for await end in ends { return end }
                return .exhausted(nil)
            },
            stopInput: { _ in },
            showing: Showing { arrival, limit throws(SystemCallError) -> Int in
                try await withTaskExecutorPreference(output) { () async throws(SystemCallError) -> Int in
                    try await screen.show(arrival, limit, typist.pings, log)
                }
            }
        )
        return typist.takeNextServer()
    }

    /// Connects again, after a while if need be; when that fails the session goes on without a connection, unless it is
    /// to connect by itself.
    private func reconnect(
        to url: WebSocketURL,
        after retry: Retry?,
        _ dialer: SessionDialer,
        _ notices: Diagnostics
    ) async throws -> WebSocketURL? {
        screen.show(.reconnecting)
        let attempt = Task {
            try await retry?.wait(plan)
            return try await dialer.withConnection(to: url, notices) { try await talk($0, url) }
        }
        typist.beginConnecting { attempt.cancel() }
        do {
            return try await attempt.value
        } catch  where error is CancellationError || (error as? ConnectError)?.isCancelled == true {
            if let next = typist.takeNextServer() { return next }
            if typist.hasQuit { return nil }
            throw Failure(.signal(SIGINT), "")
        } catch let error as ConnectError {
            let diagnostic = Failure(error)
            if plan.reconnect != nil, diagnostic.mayPass { throw error }
            try? log.write(.error(diagnostic))
            await screen.say("\(diagnostic.message); /reconnect tries again, /quit leaves")
            return try await waitWithoutConnection(diagnostic)
        }
    }

    private func waitWithoutConnection(_ failure: Failure) async throws -> WebSocketURL? {
        let ends = typist.begin(nil)
        screen.show(.closed)
        for await end in ends {
            if let url = typist.takeNextServer() { return url }
            if case .leave(let status) = end, status != .success { throw Failure(status, "") }
            return nil
        }
        throw failure
    }
}

extension ConnectError {
    fileprivate var isCancelled: Bool {
        if case .cancelled = self { true } else { false }
    }
}
