import NIOCore
import WebSocketProtocol
import WebSocketTransport

/// The sending side of a session: input goes to the connection that is open, or waits for the next one. Confined to its
/// event loop.
final class SessionSender {
    /// Called when room for the next batch is there, or with the reason why nothing more can be sent.
    typealias Completion = (Failure?) -> Void

    private let log: EventLog
    private var connection: Connection?
    /// Tracks what has arrived, in a session that reconnects by itself.
    private var delivery: DeliveryTracker?
    /// A batch of the input that waits for a connection.
    private var held: (batch: MessageBatch, done: Completion)?
    /// Batches that the system has not taken yet.
    private var inFlight = 0
    private var onIdle: (() -> Void)?
    /// Messages sent over this connection.
    private(set) var sent = 0

    /// Creates a sender.
    ///
    /// - Parameters:
    ///   - log: where events go.
    ///   - reconnects: whether input that one connection does not take goes to the next.
    init(_ log: EventLog, reconnects: Bool) {
        self.log = log
        if reconnects { delivery = DeliveryTracker() }
    }

    /// The messages of the input that were read and not sent.
    var unsent: Int { held?.batch.messageCount ?? 0 }

    /// Whether pongs show what has arrived.
    var tracksDelivery: Bool { delivery != nil }

    /// A connection is open.
    func connected(_ connection: Connection) {
        self.connection = connection
        sent = 0
        delivery?.connected()
    }

    /// The connection ended.
    ///
    /// - Returns: the messages of the input that may be lost, by their numbers from 1.
    func connectionEnded(_ outcome: CloseOutcome) -> ClosedRange<Int>? {
        connection = nil
        return delivery?.connectionEnded(outcome, at: .now())
    }

    /// A pong arrived.
    func received(pong payload: String, at time: NIODeadline) {
        delivery?.received(pong: payload, at: time)
    }

    /// Sends a batch of the input.
    func send(_ batch: MessageBatch, _ done: @escaping Completion) {
        guard delivery != nil else { return sendNow(batch, done) }
        held = (batch, done)
        sendHeld()
    }

    /// Sends a batch over this connection or not at all.
    func sendNow(_ batch: MessageBatch, _ done: @escaping Completion) {
        write(batch) { error in done(error.map { Self.failure($0, of: batch) }) }
    }

    /// Sends a batch over this connection; calls `done` when the system has taken it, or with the reason why it cannot be
    /// sent.
    func write(_ batch: MessageBatch, _ done: @escaping ((any Error)?) -> Void) {
        guard let connection else { return done(SendError.notOpen) }
        let sending = connection.write(batch)
        log.write(batch, .sent)
        sent += batch.messageCount
        guard let sending else { return done(nil) }
        inFlight += 1
        sending.assumeIsolated().whenComplete { [self] result in
            inFlight -= 1
            if case .failure(let error) = result { done(error) } else { done(nil) }
            if inFlight == 0 { onIdle.take()?() }
        }
    }

    /// Calls `body` once it is known of every batch whether the system has taken it.
    func whenIdle(_ body: @escaping () -> Void) {
        if inFlight == 0 { body() } else { onIdle = body }
    }

    /// Sends the batch that waited for a connection, if there is one.
    func sendHeld() {
        guard connection != nil, let (batch, done) = held else { return }
        held = nil
        var marked = batch
        let count = batch.messageCount
        if let mark = delivery?.send(count) { marked.append(.ping, mark.utf8) }
        write(marked) { [weak self] error in
            guard let self, error is SendError else { return done(nil) }
            // The connection is closing and sent none of it: the next one gets it.
            delivery?.notSent(count)
            held = (batch, done)
        }
    }

    private static func failure(_ error: any Error, of batch: MessageBatch) -> Failure {
        let count = batch.entries.count
        let messages = count == 1 ? "1 message" : "\(count) messages"
        let words =
            error is SendError
            ? "\(messages) read from the input not sent: the connection was closed"
            : "up to \(messages) read from the input may not have been sent"
        return Failure(.lost, words, mayPass: true)
    }
}
