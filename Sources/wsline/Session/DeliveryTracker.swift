import NIOCore
import WebSocketTransport

/// Tracks which messages of a session that reconnects are known to have arrived.
///
/// A ping follows what is sent. Its pong shows that everything before it has arrived; servers answer pings before their
/// applications have looked at the messages, so a second passes before that counts. What was sent later may be lost with
/// the connection.
struct DeliveryTracker {
    private static let mark = "sent "
    private static let settlingTime = TimeAmount.seconds(1)
    /// How many pongs of the last second are kept.
    private static let pongLimit = 1000

    /// Messages sent, and known to have arrived, over all connections.
    private var sent = 0
    private var arrived = 0
    /// What pongs of the last second have shown to have arrived.
    private var answered = CircularBuffer<(number: Int, time: NIODeadline)>()
    private var pingIsOut = false

    /// The number of pongs kept.
    var pongsKept: Int { answered.count }

    /// A connection is open.
    mutating func connected() {
        pingIsOut = false
    }

    /// Messages are being sent.
    ///
    /// - Returns: the payload of a ping to send behind them; nil while another is on its way.
    mutating func send(_ count: Int) -> String? {
        sent += count
        guard !pingIsOut else { return nil }
        pingIsOut = true
        return Self.mark + String(sent)
    }

    /// The last messages were not sent after all.
    mutating func notSent(_ count: Int) {
        sent -= count
    }

    /// A pong arrived.
    mutating func received(pong payload: String, at now: NIODeadline) {
        guard payload.hasPrefix(Self.mark), let number = Int(payload.dropFirst(Self.mark.count)) else { return }
        settle(at: now)
        // A server may make numbers up.
        answered.append((min(number, sent), now))
        if answered.count > Self.pongLimit { answered.removeFirst() }
        pingIsOut = false
    }

    /// The connection ended.
    ///
    /// - Returns: the messages that may be lost, by their numbers in the input, from 1.
    mutating func connectionEnded(_ outcome: CloseOutcome, at now: NIODeadline) -> ClosedRange<Int>? {
        // A peer that answered our Close has received everything before it.
        if case .closed(_, answering: .some) = outcome { arrived = sent }
        settle(at: now)
        answered.removeAll()
        guard arrived < sent else { return nil }
        defer { arrived = sent }
        return arrived + 1...sent
    }

    private mutating func settle(at now: NIODeadline) {
        let settled = answered.prefix { now - $0.time >= Self.settlingTime }
        arrived = max(arrived, settled.last?.number ?? 0)
        answered.removeFirst(settled.count)
    }
}
