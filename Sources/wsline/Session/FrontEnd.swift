import NIOCore
import WebSocketProtocol
import WebSocketTransport

/// The user interface of a session: a terminal or pipes. Confined to the session's event loop.
protocol FrontEnd: AnyObject {
    /// The sink for messages and events; nil if there is none, or none yet.
    var output: (any OutputSink)? { get }

    /// Whether to receive no more messages for now.
    var isBlocked: Bool { get }

    /// Called when a connection is open and messages can be sent.
    ///
    /// - Throws: `Failure` if the session cannot continue.
    func connected(_ connection: Connection, to url: WebSocketURL, _ session: Session) throws(Failure)

    /// Which messages are displayed.
    var view: MessageView { get }

    /// Prints incoming messages and control frames.
    ///
    /// - Parameters:
    ///   - part: the part of the messages and control frames to display.
    ///   - time: the time of arrival.
    ///   - roundTrips: the round-trip times of the user's pings.
    func show(_ part: MessageView.Part, at time: NIODeadline, roundTrips: [TimeAmount])

    /// Prints messages that were sent automatically.
    func show(answers: MessageBatch)

    /// Called when the connection has ended; another may follow.
    func connectionEnded(_ outcome: CloseOutcome)

    /// Whether there is input that has not been sent.
    var holdsInput: Bool { get }

    /// Calls `done` once the input that is available has been read.
    func settleInput(_ done: @escaping () -> Void)

    /// Called when an attempt to connect starts.
    func connecting()

    /// Called when an attempt to connect takes long.
    func attemptIsSlow(to name: String)

    /// Announces that the session reconnects after a delay in seconds.
    func announceRetry(_ failure: Failure, after delay: Double)

    /// Announces that the connection has ended, and why; nil if the server closed it normally.
    func announceDisconnected(_ failure: Failure?)

    /// Stops input, and calls `done` once all output has been written and the terminal has been restored.
    func finish(_ done: @escaping () -> Void)

    /// Ends the processes that the user started, because this process exits.
    func abort()
}

extension FrontEnd {
    var isBlocked: Bool { output?.isWritable == false }
}

/// A source of messages to send: standard input or a recorded session. Confined to its event loop.
protocol MessageFeed: AnyObject {
    /// Starts sending; has no effect if it already has.
    ///
    /// - Parameters:
    ///   - send: sends a batch, and calls its last argument when the next batch can be sent, or with a failure if
    ///     nothing more can be sent.
    ///   - ended: called at the end of input; with a failure if not everything was sent.
    func start(
        send: @escaping (MessageBatch, @escaping (Failure?) -> Void) -> Void,
        ended: @escaping (Failure?) -> Void
    )

    /// Whether there is input that has not been sent.
    var holdsInput: Bool { get }

    /// Calls `done` once the input that is available has been read.
    func settle(_ done: @escaping () -> Void)

    /// Stops permanently.
    func stop()
}
