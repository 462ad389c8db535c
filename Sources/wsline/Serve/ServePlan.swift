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
    /// Whether the run ends with its first client.
    var servesOnce: Bool
    /// How long a client may be silent.
    var idleTimeout: Seconds?
    /// Whether lines are sent as binary messages.
    var sendsBinary: Bool
    var display: DisplaySettings
    var verbosity: SessionPlan.Verbosity
    /// Whether to show secrets in handshakes.
    var showsSecrets: Bool
    var outputIsTerminal: Bool

    /// Whether a user types at the terminal.
    var isInteractive: Bool { if case .interactive = mode { true } else { false } }

    /// The kind of message that lines are sent as.
    var messageKind: MessageBatch.Kind { sendsBinary ? .binary : .text }
}
