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
    /// The number of messages of a batch that could not be sent over this connection, and whether some of them may have
    /// been sent.
    private var failed: (count: Int, isLimit: Bool)?
    /// The number of batches not yet written to the socket.
    private var inFlight = 0
    private var onIdle: (() -> Void)?
    /// The number of messages sent over this connection, and over all connections.
    private(set) var sent = 0
    private(set) var sentInAll = 0

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

    /// A description of the messages that were not sent; nil if there are none.
    var unsent: String? {
        guard let (count, isLimit) = held.map({ ($0.batch.messageCount, false) }) ?? failed, count > 0 else {
            return nil
        }
        return (isLimit ? "up to " : "") + (count == 1 ? "1 message was not sent" : "\(count) messages were not sent")
    }

    /// Whether to track which messages have arrived.
    var tracksDelivery: Bool { delivery != nil }

    /// Starts using a connection.
    func connected(_ connection: Connection) {
        self.connection = connection
        (sent, failed) = (0, nil)
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
        write(batch) { [weak self] error in
            guard let self, let error else { return done(nil) }
            let count = batch.messageCount
            // If writing fails, the system has not accepted all of the batch.
            failed = (count, isLimit: count > 1 && !(error is SendError))
            done(Failure(.lost, "\(unsent ?? ""): the connection was closed"))
        }
    }

    /// Writes a batch to this connection. Calls `done` when it has been written to the socket, or with an error if it
    /// cannot be sent. Replies are not expected to answers.
    func write(_ batch: MessageBatch, isAnswer: Bool = false, _ done: @escaping ((any Error)?) -> Void) {
        guard let connection else { return done(SendError.notOpen) }
        // Writing can find that the connection has ended, and the session must not end before `done` is called.
        inFlight += 1
        let sending = connection.write(batch)?.assumeIsolated()
        var error: (any Error)?
        sending?.whenFailure { error = $0 }
        if error == nil { wrote(batch, isAnswer: isAnswer) }
        guard let sending else { return finishWriting(nil, done) }
        sending.whenComplete { [self] result in
            if case .failure(let error) = result { finishWriting(error, done) } else { finishWriting(nil, done) }
        }
    }

    private func wrote(_ batch: MessageBatch, isAnswer: Bool) {
        log.write(batch, .sent)
        onWrite?(batch)
        guard !isAnswer else { return }
        sent += batch.messageCount
        sentInAll += batch.messageCount
    }

    private func finishWriting(_ error: (any Error)?, _ done: ((any Error)?) -> Void) {
        inFlight -= 1
        done(error)
        if inFlight == 0 { onIdle.take()?() }
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
}
