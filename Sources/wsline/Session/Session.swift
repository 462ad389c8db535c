import NIOCore
import NIOPosix
import WebSocketTransport
import WebSocketProtocol

/// One run of `connect`: opens the connection, leaves it to the session that the plan asks for, and judges the ending.
enum Session {
    /// Runs until the connection is closed.
    ///
    /// - Parameter plan: what the run is to do.
    /// - Throws: `Failure` and whatever else `Failure.init(_:)` understands, when it did not end as asked.
    static func run(_ plan: SessionPlan) async throws {
        switch plan.target {
        case .server(let url):
            try await run(plan, url)
        case .echo:
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            var options = Listener.Options()
            options.limits = plan.connection.limits
            let listener = try await Listener(host: "127.0.0.1", port: 0, group: group, options: options)
            let server = Task { try await listener.run { try await $0.echo() } }
            defer { server.cancel() }
            let url = try WebSocketURL("ws://127.0.0.1:\(listener.port)/")
            var plan = plan
            plan.connection.leaveProxyOut(for: url)
            try await run(plan, url)
        }
    }

    private static func run(_ plan: SessionPlan, _ url: WebSocketURL) async throws {
        let group = await EarlyEventLoop.group.value
        let notices = Diagnostics(verbosity: plan.verbosity, showsSecrets: plan.showsSecrets)
        let log = EventLog(printsToOutput: plan.printsEvents)
        if let path = plan.recording { try log.record(to: path) }
        var options = plan.connection
        if plan.verbosity >= .verbose { options.onEvent = { notices.verbose($0) } }
        if plan.verbosity >= .frames { options.onFrame = { notices.frame($0, $1) } }
        let echo = plan.target == .echo ? url : nil
        let dialer = SessionDialer(plan: plan, dialer: Dialer(group: group, options: options), log: log, echo: echo)
        do {
            if case .terminal = plan.input {
                try await InteractiveSession.run(plan, url, dialer, notices, log)
            } else if let limit = plan.reconnect {
                try await KeptSession(plan, dialer, notices, log).run(url, limit, on: group.next())
            } else {
                try await dialer.withConnection(to: url, notices) { connection in
                    try await PipeSession(plan: plan, connection: connection, notices: notices, log: log).run()
                }
            }
        } catch {
            let diagnostic = Failure(error)
            if !diagnostic.message.isEmpty { try? log.write(.error(diagnostic)) }
            throw diagnostic
        }
    }
}

/// Opens the connections of a session and tells about them.
struct SessionDialer: Sendable {
    let plan: SessionPlan
    let dialer: Dialer
    let log: EventLog
    /// The server inside the process, whose port is another one in the next run.
    let echo: WebSocketURL?

    /// Opens a connection and runs `body` with it.
    ///
    /// - Throws: `ConnectError`, `Failure`, and what `body` throws.
    func withConnection<Result>(
        to url: WebSocketURL,
        _ notices: Diagnostics,
        _ body: (Connection) async throws -> Result
    ) async throws -> Result {
        notices.verbose("* connecting to \(url)")
        if url.isSecure, plan.connection.tls.acceptsAnyCertificate {
            notices.notice("wsline: the certificate of \(url.place) is not checked (--no-check)")
        }
        do {
            return try await dialer.withConnection(to: url) { connection in
                let handshake = connection.handshake
                notices.verbose(handshake)
                if !plan.connection.subprotocols.isEmpty, handshake.subprotocol == nil {
                    let offered = plan.connection.subprotocols.joined(separator: ", ")
                    notices.notice("wsline: the server chose no subprotocol; offered was \(offered)")
                }
                try log.write(.open(url: url == echo ? "echo:" : "\(url)", handshake))
                return try await body(connection)
            }
        } catch let error as ConnectError {
            if case .refused(_, let refusal) = error { notices.verbose(response: refusal.response) }
            if case .timedOut = error, let limit = plan.timeLimit, limit.end <= .now {
                throw Failure(timeLimit: limit.value)
            }
            throw error
        }
    }
}
