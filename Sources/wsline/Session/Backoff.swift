import NIOCore

/// Exponential backoff: delays between reconnection attempts, from 0.5 to 30 seconds, with jitter.
struct Backoff {
    private static let first = 0.5
    private static let longest = 30.0
    private let limit: ReconnectLimit
    private let jitter: () -> Double
    private var attempts = 0
    /// The last delay. A connection that stays open for longer resets the backoff.
    private var lastDelay = TimeAmount.zero
    private var connectedSince: NIODeadline?

    /// Creates the backoff of a session.
    ///
    /// - Parameters:
    ///   - limit: the maximum number of consecutive attempts.
    ///   - jitter: returns the fraction of a delay to wait, so that the clients of a server do not all reconnect at
    ///     once.
    init(_ limit: ReconnectLimit, jitter: @escaping () -> Double) {
        (self.limit, self.jitter) = (limit, jitter)
    }

    /// Records that a connection was opened.
    mutating func connected(at now: NIODeadline) {
        connectedSince = now
    }

    /// Records that the user reconnects. If that attempt fails, the next delay is no longer than the one it cut short.
    mutating func userReconnects() {
        attempts = max(0, attempts - 1)
    }

    /// The message of a session that gives up; nil while attempts are left.
    var exhaustion: String? {
        guard let most = limit.attempts, attempts >= most else { return nil }
        return "gave up after \(most) attempt\(most == 1 ? "" : "s") to reconnect (--reconnect \(most))"
    }

    /// Returns the time until the next attempt, in seconds; nil if there are no attempts left.
    mutating func next(at now: NIODeadline) -> Double? {
        if let connectedSince, now - connectedSince > lastDelay { attempts = 0 }
        connectedSince = nil
        guard attempts < limit.attempts ?? .max else { return nil }
        // 2^10 already exceeds the longest delay.
        let delay = min(Self.longest, Self.first * Double(1 << min(attempts, 10)))
        attempts += 1
        let seconds = (delay * jitter() * 100).rounded() / 100
        lastDelay = .nanoseconds(Int64(seconds * 1e9))
        return seconds
    }
}
