import NIOCore
import WebSocketTransport

/// Opens the connections of a session and reports their progress to the user.
struct SessionDialer: Sendable {
    let plan: SessionPlan
    let dialer: Dialer
    let diagnostics: Diagnostics
    /// The URL of the built-in echo server; nil if it is not used.
    let echo: WebSocketURL?

    /// Returns the URL as the user wrote it.
    func name(of url: WebSocketURL) -> String { url == echo ? "echo:" : "\(url)" }

    /// Returns the event of a connection that has opened.
    func opening(of connection: Connection, to url: WebSocketURL) -> SessionEvent {
        .open(url: name(of: url), connection.handshake, options: plan.connection.recordedOptions)
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
