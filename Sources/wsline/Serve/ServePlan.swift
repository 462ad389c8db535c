import MessageText
import NIOCore
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// What a run of `serve` is to do: the options, checked and put together. Nothing in it changes.
struct ServePlan: Sendable {
    /// What is done with clients, and with what they send.
    enum Mode: Sendable {
        /// It is shown at the terminal, and lines typed there go to all of them.
        case interactive
        /// It is printed on standard output, and lines of standard input go to all of them.
        case pipe
        /// It goes back to the client that it came from.
        case echo
        /// It goes to all other clients.
        case broadcast
        /// It is held against a script, which says what is sent, too.
        case script(ScriptPlayer)
    }

    var address: ListenAddress
    var listener: Listener.Options
    var mode: Mode
    /// Whether the run ends with its first client.
    var servesOnce: Bool
    /// How long a client may send nothing.
    var idleTimeout: Seconds?
    /// Whether what is typed or read is sent as binary messages.
    var sendsBinary: Bool
    var display: DisplaySettings
    var verbosity: SessionPlan.Verbosity
    /// Whether handshakes are shown with their secrets.
    var showsSecrets: Bool
    var outputIsTerminal: Bool

    /// Whether somebody types at the terminal.
    var isInteractive: Bool { if case .interactive = mode { true } else { false } }

    /// What text becomes that is sent.
    var messageKind: MessageBatch.Kind { sendsBinary ? .binary : .text }
}
