import MessageText
import NIOCore
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// The plan of a session: its options, validated and combined.
struct SessionPlan: Sendable {
    /// The server to connect to.
    enum Target: Equatable, Sendable {
        case server(WebSocketURL)
        /// The built-in echo server.
        case echo
    }

    /// The source of messages to send after those of the command line.
    enum Input: Sendable {
        /// Lines typed at the terminal.
        case terminal
        /// Standard input.
        case standardInput
        /// A recorded session, with its times divided by the speed; nil sends everything at once.
        case recording(Recording, speed: Double?)
        /// None: standard input is not read.
        case none
    }

    /// The amount of output on standard error.
    enum Verbosity: Int, Comparable, Sendable {
        case quiet, normal, verbose, frames

        static func < (left: Verbosity, right: Verbosity) -> Bool { left.rawValue < right.rawValue }
    }

    var target: Target
    var connection: ConnectionConfiguration
    /// The messages of the command line, in order.
    var messages: [[UInt8]] = []
    var input: Input
    /// The messages to send at intervals.
    var repeated: [RepeatedMessage] = []
    /// The messages to keep for commands that look back.
    var scrollback = Scrollback.Limit.standard
    /// The messages that have names.
    var snippets = Snippets()
    /// Whether to read the configuration file, and the names of its profiles.
    var readsConfig = false
    var profiles: [String] = []
    /// The framing of messages on standard input and output.
    var framing: Framing = .lines
    /// Whether to print no delimiter after the only message, so that its bytes stay as they are.
    var omitsDelimiter = false
    /// How long to wait for replies after the end of input.
    var replyWait: ReplyWait
    /// The number of messages to receive before closing; nil for no limit.
    var messageLimit: Int?
    /// The patterns that messages have to match, in order.
    var expectations: [Expectation]
    /// The messages to send automatically.
    var rules: [ReplyRule] = []
    /// The longest time without a message, or without an expected one.
    var timeout: Seconds?
    /// The time limit for the whole run, and when it ends.
    var timeLimit: (value: Seconds, end: NIODeadline)?
    /// The interval between pings, and the longest time without incoming data after one.
    var pings: (interval: Seconds, timeout: Seconds?)?
    /// The limit of reconnection attempts; nil for no reconnection.
    var reconnect: ReconnectLimit?
    /// Whether a session at a terminal ends with its connection.
    var exitsWhenDisconnected = false
    /// The Close frame that ends the session normally.
    var closeFrame: CloseFrame
    /// Whether to print incoming messages.
    var printsMessages: Bool
    /// Whether to send each received message back instead of printing it.
    var echoes = false
    /// Whether to send binary messages.
    var sendsBinary: Bool = false
    var display: DisplaySettings
    /// Whether to print events instead of messages.
    var printsEvents: Bool
    /// The file to record the session to.
    var recording: String?
    /// Whether to keep typed lines in the history file.
    var keepsHistory: Bool = false
    var verbosity: Verbosity
    /// Whether to show secrets in handshakes.
    var showsSecrets: Bool
    var outputIsTerminal: Bool
    /// Whether to color notices on standard error.
    var errorIsColored: Bool

    /// Creates a plan from the options that all sessions share. The caller adds those about sending messages.
    ///
    /// - Parameters:
    ///   - target: the server to connect to.
    ///   - options: the configuration of connections.
    ///   - input: the source of messages.
    ///   - closing: the options for closing the connection.
    ///   - replies: the options for waiting for replies.
    ///   - display: the display options.
    ///   - events: the options for events and recording.
    ///   - outputIsTerminal: whether standard output is a terminal.
    /// - Throws: `ValidationError` for an invalid Close code or reason.
    init(
        target: Target,
        _ options: ConnectionConfiguration,
        input: Input,
        _ closing: ClosingOptions,
        _ replies: ReplyOptions,
        _ display: DisplayOptions,
        _ events: EventOptions,
        outputIsTerminal: Bool
    ) throws {
        self.target = target
        connection = options
        self.input = input
        closeFrame = try closing.closeFrame
        replyWait = replies.replyWait()
        messageLimit = replies.messageLimit
        omitsDelimiter = replies.messageLimit == 1
        expectations = replies.expect
        rules = replies.rules.rules
        timeout = replies.sessionTimeout
        timeLimit = replies.maxTime.map { (value: $0, end: .now() + $0.timeAmount) }
        printsMessages = !replies.sendOnly
        self.display = display.settings(outputIsTerminal: outputIsTerminal, variable: StandardStreams.variable)
        printsEvents = events.json
        recording = events.record
        verbosity = display.verbosity
        showsSecrets = display.showSecrets
        errorIsColored = display.colorMode.isOn(outputIsTerminal: StandardStreams.isTerminal(2))
        self.outputIsTerminal = outputIsTerminal
        if let timeLimit { connection.connectTimeout = min(connection.connectTimeout, timeLimit.value.timeAmount) }
    }

    /// The kind of message that lines are sent as.
    var messageKind: MessageBatch.Kind { sendsBinary ? .binary : .text }

    /// Whether a user types at a terminal.
    var isTyped: Bool { if case .terminal = input { true } else { false } }

    /// A decoder that splits standard input into messages.
    var streamDecoder: any StreamDecoder { framing.makeDecoder(messageKind) }

    /// The user's choices for the session's state machine.
    var policy: SessionPolicy {
        SessionPolicy(
            replyWait: replyWait,
            countsReplies: framing != .stream,
            messageLimit: messageLimit,
            expectations: expectations.count,
            silenceLimit: timeout,
            timeLimit: timeLimit,
            pings: pings,
            reconnect: reconnect,
            isTyped: isTyped,
            staysWhenDisconnected: isTyped && !exitsWhenDisconnected && messageLimit == nil && timeLimit == nil
                && expectations.isEmpty
        )
    }

    /// The messages of the command line.
    var firstMessages: MessageBatch {
        var batch = MessageBatch()
        for message in messages { batch.append(messageKind, message) }
        return batch
    }
}
