import WebSocketClient
import WebSocketProtocol

/// What a run is to do: the options, checked and put together. Nothing in it changes.
struct SessionPlan: Sendable {
    /// What the connection is made to.
    enum Target: Equatable, Sendable {
        case server(WebSocketURL)
        /// An echo server inside the process.
        case echo
    }

    /// Where messages to send come from.
    enum Input: Equatable, Sendable {
        /// Typed at the terminal.
        case terminal
        /// Lines of standard input.
        case standardInput
        /// Given on the command line; standard input is not read.
        case messages([String])
        /// Nothing is sent, and the server decides when it is over.
        case none
    }

    /// How long replies are awaited after the last message was sent.
    enum Wait: Equatable, Sendable {
        case limited(Duration)
        case untilClosed
    }

    /// How much is said on standard error.
    enum Verbosity: Int, Comparable, Sendable {
        case quiet, normal, verbose

        static func < (left: Verbosity, right: Verbosity) -> Bool { left.rawValue < right.rawValue }
    }

    var target: Target
    var connection: ConnectOptions
    var input: Input
    var wait: Wait
    /// The number of messages to receive before closing; nil for as many as come.
    var messageLimit: Int?
    /// Whether messages are sent as binary.
    var sendsBinary: Bool
    var showsPingPong: Bool
    var verbosity: Verbosity
    var outputIsTerminal: Bool
}
