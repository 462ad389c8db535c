import NIOCore
import WebSocketProtocol
import WebSocketTransport

/// The sending side of a session: input goes to the open connection or waits for the next one. Confined to its event
/// loop.
final class SessionSender {
    /// Called when the next batch can be sent, or with a failure if nothing more can be sent.
    typealias Completion = (Failure?) -> Void

    private let log: EventLog
    /// The messages that are sent again and again.
    let repeated: RepeatedMessages
    /// Called with each batch that is sent.
    var onWrite: ((MessageBatch) -> Void)?
    private var connection: Connection?
    /// Tracks which messages have arrived; nil unless the session reconnects automatically.
    private var delivery: DeliveryTracker?
    /// A batch of input that waits for a connection.
    private var held: (batch: MessageBatch, done: Completion)?
    /// The number of batches not yet written to the socket.
    private var inFlight = 0
    private var onIdle: (() -> Void)?
    /// The number of messages sent over this connection.
    private(set) var sent = 0

    /// Creates a sender.
    ///
    /// - Parameters:
    ///   - log: records sent messages.
    ///   - reconnects: whether input that could not be sent waits for the next connection.
    ///   - repeated: the messages that are sent again and again.
    ///   - kind: the type of those messages.
    init(_ log: EventLog, reconnects: Bool, _ repeated: RepeatedMessages, as kind: MessageBatch.Kind) {
        (self.log, self.repeated) = (log, repeated)
        if reconnects { delivery = DeliveryTracker() }
        repeated.send = { [weak self] text, done in self?.write(MessageBatch(kind, text.utf8), done) }
    }

    /// The number of messages that were read but not sent.
    var unsent: Int { held?.batch.messageCount ?? 0 }

    /// Whether to track which messages have arrived.
    var tracksDelivery: Bool { delivery != nil }

    /// Starts using a connection.
    func connected(_ connection: Connection) {
        self.connection = connection
        sent = 0
        delivery?.connected()
        repeated.connected()
    }

    /// Records the end of the connection.
    ///
    /// - Returns: the messages that may be lost, by their numbers in the input, from 1.
    func connectionEnded(_ outcome: CloseOutcome) -> ClosedRange<Int>? {
        connection = nil
        repeated.disconnected()
        return delivery?.connectionEnded(outcome, at: .now())
    }

    /// Records pongs. Returns the round-trip times of the user's pings, by the offsets of their pongs in the batch.
    func takePongs(_ inbound: Inbound, _ pings: PingTimes) -> [Int: TimeAmount] {
        guard tracksDelivery || !pings.isEmpty else { return [:] }
        var roundTrips: [Int: TimeAmount] = [:]
        for entry in inbound.batch.entries where entry.kind == .pong {
            let payload = inbound.batch.string(of: entry)
            delivery?.received(pong: payload, at: inbound.time)
            roundTrips[entry.offset] = pings.finish(payload, at: inbound.time)
        }
        return roundTrips
    }

    /// Sends a batch of input.
    func send(_ batch: MessageBatch, _ done: @escaping Completion) {
        guard delivery != nil else { return sendNow(batch, done) }
        held = (batch, done)
        sendHeld()
    }

    /// Sends a batch over this connection or not at all.
    func sendNow(_ batch: MessageBatch, _ done: @escaping Completion) {
        write(batch) { error in done(error.map { Self.failure($0, of: batch) }) }
    }

    /// Writes a batch to this connection. Calls `done` when it has been written to the socket, or with an error if it
    /// cannot be sent. Replies are not expected to answers.
    func write(_ batch: MessageBatch, isAnswer: Bool = false, _ done: @escaping ((any Error)?) -> Void) {
        guard let connection else { return done(SendError.notOpen) }
        let sending = connection.write(batch)
        log.write(batch, .sent)
        onWrite?(batch)
        if !isAnswer { sent += batch.messageCount }
        guard let sending else { return done(nil) }
        inFlight += 1
        sending.assumeIsolated().whenComplete { [self] result in
            inFlight -= 1
            if case .failure(let error) = result { done(error) } else { done(nil) }
            if inFlight == 0 { onIdle.take()?() }
        }
    }

    /// Calls `body` once every batch has been written or has failed.
    func whenIdle(_ body: @escaping () -> Void) {
        if inFlight == 0 { body() } else { onIdle = body }
    }

    /// Sends the batch that waits for a connection, if there is one.
    func sendHeld() {
        guard connection != nil, let (batch, done) = held else { return }
        held = nil
        var marked = batch
        let count = batch.messageCount
        if let mark = delivery?.send(count) { marked.append(.ping, mark.utf8) }
        write(marked) { [weak self] error in
            guard let self, error is SendError else { return done(nil) }
            // The connection is closing and has sent none of it, so it waits for the next one.
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
