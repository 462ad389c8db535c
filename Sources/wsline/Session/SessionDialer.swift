import NIOCore
import WebSocketTransport

/// Opens the connections of a session and reports their progress to the user.
struct SessionDialer: Sendable {
    let plan: SessionPlan
    private let group: any EventLoopGroup
    private let dialer: Dialer
    let diagnostics: Diagnostics
    /// The URL of the built-in echo server; nil if it is not used.
    let echo: WebSocketURL?

    /// Creates the dialer of a session.
    ///
    /// - Parameters:
    ///   - plan: the plan of the session.
    ///   - group: the event loops of its connections.
    ///   - diagnostics: prints the progress.
    ///   - echo: the URL of the built-in echo server; nil if it is not used.
    init(_ plan: SessionPlan, _ group: any EventLoopGroup, _ diagnostics: Diagnostics, echo: WebSocketURL?) {
        var options = plan.connection
        if plan.verbosity >= .verbose || plan.isTyped { options.onEvent = { diagnostics.verbose($0) } }
        if plan.verbosity >= .frames { options.onFrame = { diagnostics.frame($0, $1, stream: $2) } }
        (self.plan, self.group, self.diagnostics, self.echo) = (plan, group, diagnostics, echo)
        dialer = Dialer(group: group, options: options)
    }

    /// Returns the dialer for another configuration of connections.
    func with(_ configuration: ConnectionConfiguration) -> SessionDialer {
        var plan = plan
        plan.connection = configuration
        return SessionDialer(plan, group, diagnostics, echo: echo)
    }

    /// Returns the dialer for a URL that the user connects to next: another server does not receive the credentials.
    func leading(from current: WebSocketURL, to next: WebSocketURL?) -> SessionDialer {
        guard let next, !next.isSameServer(as: current), plan.connection.hasSecrets else { return self }
        diagnostics.notice("wsline: the credentials are not sent to \(next.place); a profile can have its own")
        return with(plan.connection.withoutSecrets)
    }

    /// Returns the URL as the user wrote it.
    func name(of url: WebSocketURL) -> String { url == echo ? "echo:" : "\(url)" }

    /// Returns the event of a connection that has opened.
    func opening(of connection: Connection, to url: WebSocketURL) -> SessionEvent {
        let handshake = connection.handshake
        let options = plan.connection.recordedOptions(isHTTP2: handshake.stream != nil)
        return .open(url: name(of: url), handshake, options: options)
    }

    /// Returns the event of an attempt to connect that was refused; nil for another error.
    func refusal(_ error: any Error, by url: WebSocketURL) -> SessionEvent? {
        .refused(url: name(of: url), error, plan.connection)
    }

    /// Opens a connection and runs `body` with it.
    ///
    /// - Throws: `ConnectError`, `Failure` and the errors of `body`.
    func withConnection(to url: WebSocketURL, _ body: (Connection) async throws -> Void) async throws {
        diagnostics.verbose("* connecting to \(url)")
        if url.isSecure, plan.connection.tls.acceptsAnyCertificate {
            diagnostics.notice("wsline: the certificate of \(url.place) is not verified (--no-check)")
        }
        do {
            try await dialer.withConnection(to: url) { connection in
                let handshake = connection.handshake
                diagnostics.verbose(handshake)
                if !plan.connection.subprotocols.isEmpty, handshake.subprotocol == nil {
                    let offered = plan.connection.subprotocols.joined(separator: ", ")
                    diagnostics.notice("wsline: the server selected no subprotocol; offered: \(offered)")
                }
                try await body(connection)
            }
        } catch let error as ConnectError {
            if case .refused(_, let refusal) = error { diagnostics.verbose(response: refusal.response) }
            if case .timedOut = error, let limit = plan.timeLimit, limit.end <= .now() {
                throw Failure(timeLimit: limit.value)
            }
            throw error
        }
    }
}
