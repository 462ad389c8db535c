import MessageText
import NIOCore
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// The plan of a run of `serve`: its options, validated and combined.
struct ServePlan: Sendable {
    /// How the server handles incoming messages, and which messages it sends.
    enum Mode: Sendable {
        /// Incoming messages are shown at the terminal; typed lines go to all clients.
        case interactive
        /// Incoming messages are printed to standard output; lines of standard input go to all clients.
        case pipe
        /// Messages are sent back to their sender.
        case echo
        /// Messages are sent to all other clients.
        case broadcast
        /// A script defines both.
        case script(ScriptPlayer)
    }

    var address: ListenAddress
    var listener: Listener.Options
    var mode: Mode
    /// The messages to send automatically, in an interactive run or with pipes.
    var rules: [ReplyRule] = []
    /// Whether the run ends with its first client.
    var servesOnce: Bool
    /// How long a client may be silent.
    var idleTimeout: Seconds?
    /// Whether lines are sent as binary messages.
    var sendsBinary: Bool
    var display: DisplaySettings
    /// How much of an interactive run to keep for commands that look back.
    var scrollback: Scrollback.Limit
    var verbosity: SessionPlan.Verbosity
    /// Whether to show secrets in handshakes.
    var showsSecrets: Bool
    var outputIsTerminal: Bool

    /// Whether a user types at the terminal.
    var isInteractive: Bool { if case .interactive = mode { true } else { false } }

    /// The kind of message that lines are sent as.
    var messageKind: MessageBatch.Kind { sendsBinary ? .binary : .text }
}

extension ServePlan {
    /// Returns the listener's options, with callbacks that add clients and report rejected ones.
    func listenerOptions(_ clients: Clients, _ diagnostics: Diagnostics) -> Listener.Options {
        var options = listener
        // A client that has received its 101 response must not miss messages that are sent after that.
        options.onAccept = { clients.add(Client($0)) }
        options.onRejection = { tell(of: $0, diagnostics) }
        options.onPause = { tell("cannot accept clients for now: \($0)", always: true, diagnostics) }
        if verbosity >= .frames { options.onFrame = { diagnostics.frame($1, $2, client: $0, stream: $3) } }
        return options
    }

    /// Prints a notice about clients: above the line at a terminal, otherwise to standard error.
    func tell(_ text: String, always: Bool = false, _ diagnostics: Diagnostics) {
        guard always || verbosity > .quiet else { return }
        if isInteractive { diagnostics.say(text) } else { diagnostics.warn(text) }
    }

    private func tell(of client: RejectedClient, _ diagnostics: Diagnostics) {
        let place = "a client from \(client.address?.words ?? "an unknown address")"
        switch client.reason {
        case .refused(let status, let reason): tell("\(place) was rejected: \(status), \(reason)", diagnostics)
        case .tls(let reason): tell("\(place) was rejected: TLS failed: \(reason)", diagnostics)
        case .ended(let reason):
            // Typical of port scanners and of browsers that preconnect.
            diagnostics.verbose("* \(place) disconnected before sending a request" + (reason.map { ": \($0)" } ?? ""))
        }
        if let request = client.request { diagnostics.verbose(request: request) }
    }
}
