import MessageText
import NIOCore
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// What a run is to do: the options, checked and put together. Nothing in it changes.
struct SessionPlan: Sendable {
    /// What the connection is made to.
    enum Target: Equatable, Sendable {
        case server(WebSocketURL)
        /// An echo server inside the process.
        case echo
    }

    /// Where messages to send come from, after those of the command line.
    enum Input: Sendable {
        /// Typed at the terminal.
        case terminal
        /// Cut from standard input.
        case standardInput
        /// A recorded session, in its own time divided by the speed; nil for no time at all.
        case recording(Recording, speed: Double?)
        /// Nowhere: standard input is not read.
        case none
    }

    /// How much is said on standard error.
    enum Verbosity: Int, Comparable, Sendable {
        case quiet, normal, verbose, frames

        static func < (left: Verbosity, right: Verbosity) -> Bool { left.rawValue < right.rawValue }
    }

    var target: Target
    var connection: ConnectionConfiguration
    /// What is sent first, in order.
    var messages: [[UInt8]] = []
    var input: Input
    /// How messages stand in standard input and standard output.
    var framing: Framing = .lines
    /// Whether a message needs no delimiter, because it is the only one and its bytes are its own.
    var omitsDelimiter = false
    /// How long replies are awaited after the end of input.
    var replyWait: ReplyWait
    /// The number of messages to receive before closing; nil for as many as come.
    var messageLimit: Int?
    /// What the messages received have to be, in order.
    var expectations: [Expectation]
    /// How long no message may come, or none that is expected.
    var timeout: Seconds?
    /// How long the whole run may take, and when that is over.
    var timeLimit: (value: Seconds, end: NIODeadline)?
    /// How often pings are sent, and how long nothing may come after one.
    var pings: (interval: Seconds, timeout: Seconds?)?
    /// How often the connection is opened again; nil for not.
    var reconnect: ReconnectLimit?
    /// Whether the session of a user at a terminal ends with its connection.
    var exitsWhenDisconnected = false
    /// What our Close says when the session ends as asked.
    var closeFrame: CloseFrame
    /// Whether messages received are printed.
    var printsMessages: Bool
    /// Whether messages are sent as binary.
    var sendsBinary: Bool = false
    var display: DisplaySettings
    /// Whether events are printed instead of messages.
    var printsEvents: Bool
    /// The file that the session is recorded in.
    var recording: String?
    /// Whether typed lines are kept for later sessions.
    var keepsHistory: Bool = false
    var verbosity: Verbosity
    /// Whether `verbose` shows handshakes with their secrets.
    var showsSecrets: Bool
    var outputIsTerminal: Bool
    /// Whether notices on standard error are colored.
    var errorIsColored: Bool

    /// The plan that the options of all sessions come to; how messages are sent is added to it.
    ///
    /// - Parameters:
    ///   - target: what the connection is made to.
    ///   - options: how it is made.
    ///   - input: where messages come from.
    ///   - closing: how it is closed.
    ///   - replies: what is to come back.
    ///   - display: how it is shown.
    ///   - events: what is told and kept beside it.
    ///   - outputIsTerminal: whether somebody reads standard output as it is.
    /// - Throws: `ValidationError` for a Close that can't be sent.
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

    /// What text becomes that is sent.
    var messageKind: MessageBatch.Kind { sendsBinary ? .binary : .text }

    /// Whether a user types at a terminal.
    var isTyped: Bool { if case .terminal = input { true } else { false } }

    /// Cuts standard input into messages.
    var streamDecoder: any StreamDecoder { framing.makeDecoder(messageKind) }

    /// What the user asked of the session, for its state machine.
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
