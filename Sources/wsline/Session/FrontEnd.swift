import NIOCore
import WebSocketProtocol
import WebSocketTransport

/// What a session talks with: a user at a terminal, or pipes. Confined to the event loop of the session.
protocol FrontEnd: AnyObject {
    /// Where messages and events are printed; nil when there is no such place, or none yet.
    var output: (any OutputSink)? { get }

    /// A connection is open: messages can be sent.
    ///
    /// - Throws: `Failure` when the session cannot go on.
    func connected(_ connection: Connection, to url: WebSocketURL, _ session: Session) throws(Failure)

    /// Prints what arrived.
    ///
    /// - Parameters:
    ///   - inbound: what arrived.
    ///   - limit: the most messages to print.
    ///   - roundTrips: the times of pings that the user sent and that were answered.
    /// - Returns: the number of messages printed, or passed over because none are to be printed.
    func show(_ inbound: Inbound, limit: Int, roundTrips: [TimeAmount]) -> Int

    /// The connection ended; another may follow.
    func connectionEnded(_ outcome: CloseOutcome)

    /// Whether input was read that has not been sent.
    var holdsInput: Bool { get }

    /// An attempt to connect begins.
    func connecting()

    /// An attempt to connect takes long.
    func attemptIsSlow(to name: String)

    /// Tells the user that the session connects again after a time in seconds.
    func announceRetry(_ failure: Failure, after delay: Double)

    /// Tells the user that there is no connection, and why; nil when the server closed it as it should.
    func announceDisconnected(_ failure: Failure?)

    /// Ends input, and calls `done` once all output has been written and the terminal has been given back.
    func finish(_ done: @escaping () -> Void)
}

/// Messages that are sent without anybody typing: standard input, or a recorded session. Confined to its event loop.
protocol MessageFeed: AnyObject {
    /// Begins to send, once; or goes on after `stop`.
    ///
    /// - Parameters:
    ///   - send: sends a batch, and calls its last argument when there is room for the next one, or with the reason why
    ///     nothing more can be sent.
    ///   - ended: called at the end, with the reason why not everything was sent.
    func start(
        send: @escaping (MessageBatch, @escaping (Failure?) -> Void) -> Void,
        ended: @escaping (Failure?) -> Void
    )

    /// Whether something was read that has not been sent.
    var holdsInput: Bool { get }

    /// Stops for good.
    func stop()
}
