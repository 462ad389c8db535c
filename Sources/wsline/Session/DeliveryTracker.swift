import NIOCore
import WebSocketTransport

/// Tracks which messages of a reconnecting session have arrived.
///
/// Messages are followed by a ping. Its pong shows that everything before it has arrived. Because servers may answer
/// pings before their applications have seen the messages, a pong counts only after a second. Messages sent later may
/// be lost with the connection.
struct DeliveryTracker {
    private static let mark = "sent "
    private static let settlingTime = TimeAmount.seconds(1)
    /// The maximum number of recent pongs to keep.
    private static let pongLimit = 1000

    /// The number of messages sent, and of those known to have arrived, over all connections.
    private var sent = 0
    private var arrived = 0
    /// The message numbers confirmed by pongs of the last second.
    private var answered = CircularBuffer<(number: Int, time: NIODeadline)>()
    private var pingIsOut = false

    /// The number of recent pongs kept.
    var pongsKept: Int { answered.count }

    /// Records that a connection was opened.
    mutating func connected() {
        pingIsOut = false
    }

    /// Records that messages are being sent.
    ///
    /// - Returns: the payload of a ping to send after them; nil while another ping is unanswered.
    mutating func send(_ count: Int) -> String? {
        sent += count
        guard !pingIsOut else { return nil }
        pingIsOut = true
        return Self.mark + String(sent)
    }

    /// Records that the last messages were not sent after all.
    mutating func notSent(_ count: Int) {
        sent -= count
    }

    /// Records a pong.
    mutating func received(pong payload: String, at now: NIODeadline) {
        guard payload.hasPrefix(Self.mark), let number = Int(payload.dropFirst(Self.mark.count)) else { return }
        settle(at: now)
        // A server may send any number.
        answered.append((min(number, sent), now))
        if answered.count > Self.pongLimit { answered.removeFirst() }
        pingIsOut = false
    }

    /// Records the end of the connection.
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
