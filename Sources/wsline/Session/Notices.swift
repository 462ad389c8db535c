import NIOCore
import NIOHTTP1
import WebSocketClient

/// What is said on standard error beside errors, as far as the user wants to hear it.
struct Notices: Sendable {
    let verbosity: SessionPlan.Verbosity

    /// Says something that a user at a terminal wants to know, and a script may.
    func notice(_ text: String) {
        if verbosity >= .normal { write(text) }
    }

    /// Says something that only a person debugging wants to know.
    func verbose(_ text: String) {
        if verbosity >= .verbose { write(text) }
    }

    /// Shows the opening handshake, both ways.
    func verbose(_ handshake: Handshake) {
        guard verbosity >= .verbose else { return }
        if let address = handshake.remoteAddress?.ipAddress {
            write("* connected to \(address)" + (handshake.tlsVersion.map { " with \($0)" } ?? ""))
        }
        write("> \(handshake.request.method.rawValue) \(handshake.request.uri) HTTP/1.1")
        write(handshake.request.headers, mark: ">")
        verbose(response: handshake.response)
    }

    /// Shows a server's answer.
    func verbose(response: HTTPResponseHead) {
        guard verbosity >= .verbose else { return }
        write(
            "< HTTP/\(response.version.major).\(response.version.minor) \(response.status.code) "
                + response.status.reasonPhrase
        )
        write(response.headers, mark: "<")
    }

    private func write(_ headers: HTTPHeaders, mark: String) {
        for (name, value) in headers {
            write("\(mark) \(name): \(Self.isSecret(name) ? "(not shown)" : value)")
        }
    }

    private func write(_ text: String) {
        StandardStreams.writeError(VisibleText.line(text) + "\n")
    }

    /// Whether a header's value lets its reader in somewhere.
    private static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        if name.hasPrefix("sec-websocket-") { return false }
        return ["auth", "cookie", "token", "secret", "password", "key"].contains { name.contains($0) }
    }
}
