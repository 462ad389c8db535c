import NIOCore
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

    /// Where messages to send come from, after those of the command line.
    enum Input: Equatable, Sendable {
        /// Typed at the terminal.
        case terminal
        /// Cut from standard input.
        case standardInput
        /// Nowhere: standard input is not read.
        case none
    }

    /// How long replies are awaited after the last message was sent.
    enum Wait: Equatable, Sendable {
        case limited(Duration)
        case untilClosed
    }

    /// How much is said on standard error.
    enum Verbosity: Int, Comparable, Sendable {
        case quiet, normal, verbose, frames

        static func < (left: Verbosity, right: Verbosity) -> Bool { left.rawValue < right.rawValue }
    }

    var target: Target
    var connection: ConnectOptions
    /// What is sent first, in order.
    var messages: [String]
    var input: Input
    /// How messages stand in standard input and standard output.
    var framing: Framing
    var wait: Wait
    /// The number of messages to receive before closing; nil for as many as come.
    var messageLimit: Int?
    /// What the messages received have to be, in order.
    var expectations: [Expectation]
    /// How long no message may come, or none that is expected.
    var timeout: Seconds?
    /// How long the whole run may take, and when that is over.
    var timeLimit: (value: Seconds, end: ContinuousClock.Instant)?
    /// How often pings are sent, and how long nothing may come after one.
    var pings: (interval: Seconds, timeout: Seconds?)?
    /// How often the connection is opened again; nil for not.
    var reconnect: ReconnectLimit?
    /// What our Close says when the session ends as asked.
    var closeFrame: CloseFrame
    /// Whether messages received are printed.
    var printsMessages: Bool
    /// Whether messages are sent as binary.
    var sendsBinary: Bool
    var display: DisplaySettings
    /// Whether events are printed instead of messages.
    var printsEvents: Bool
    /// The file that the session is recorded in.
    var recording: String?
    /// Whether typed lines are kept for later sessions.
    var keepsHistory: Bool
    var verbosity: Verbosity
    var outputIsTerminal: Bool

    /// What text becomes that is sent.
    var messageKind: MessageBatch.Kind { sendsBinary ? .binary : .text }

    /// What cuts standard input into messages.
    var inputCutter: any InputCutter { framing.makeCutter(messageKind) }

    /// Opens what is sent after the messages of the command line, unless it is typed.
    ///
    /// - Parameters:
    ///   - eventLoop: carries the connection.
    ///   - log: is written where the input is sent.
    /// - Returns: the input, not read yet.
    /// - Throws: `SystemCallError` when the process has no descriptor left.
    func openInput(on eventLoop: any EventLoop, _ log: EventLog) async throws(SystemCallError) -> PipeInput {
        input == .standardInput ? try await PipeInput.open(on: eventLoop, mayBlock: log.isActive) : .none
    }

    /// The messages of the command line.
    var firstMessages: MessageBatch {
        var batch = MessageBatch()
        for message in messages { batch.append(messageKind, message.utf8) }
        return batch
    }
}
