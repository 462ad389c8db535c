import NIOCore
import WebSocketTransport

/// Measures the messages and bytes per second of a connection over the last 10 seconds.
struct RateMeter: Sendable {
    /// Rates per second.
    struct Rates: Equatable {
        var messagesSent = 0.0
        var bytesSent = 0.0
        var messagesReceived = 0.0
        var bytesReceived = 0.0
    }

    private static let span = TimeAmount.seconds(10)
    private static let step = TimeAmount.seconds(1)

    /// The totals at the start of the connection, about once a second since then, and the newest ones. Those before the
    /// last span are dropped, except the newest.
    private var samples: [(time: NIODeadline, totals: Statistics)]

    /// Creates a meter for a connection that opens at a time.
    init(start: NIODeadline) { samples = [(start, Statistics())] }

    /// Records the totals after a batch.
    mutating func note(_ totals: Statistics, at time: NIODeadline) {
        if samples.count > 1, time < samples[samples.count - 2].time + Self.step { samples.removeLast() }
        samples.append((time, totals))
        while samples.count > 1, samples[1].time <= time - Self.span { samples.removeFirst() }
    }

    /// Returns the rates up to a time with these totals.
    func rates(_ totals: Statistics, at time: NIODeadline) -> Rates {
        guard let first = samples.last(where: { $0.time <= time - Self.span }) ?? samples.first else { return Rates() }
        let elapsed = time - first.time
        // Nothing arrived between an older sample and the start of the span.
        let seconds = Double((elapsed < Self.span + Self.step ? elapsed : Self.span).nanoseconds) / 1e9
        guard seconds > 0 else { return Rates() }
        func rate(_ path: KeyPath<Statistics, Int>) -> Double {
            Double(totals[keyPath: path] - first.totals[keyPath: path]) / seconds
        }
        return Rates(
            messagesSent: rate(\.messagesSent),
            bytesSent: rate(\.bytesSent),
            messagesReceived: rate(\.messagesReceived),
            bytesReceived: rate(\.bytesReceived)
        )
    }
}
