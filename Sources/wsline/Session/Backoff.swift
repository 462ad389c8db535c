import NIOCore

/// Exponential backoff: the delays between attempts to connect again, from 0.5 to 30 seconds, with jitter.
struct Backoff {
    private static let first = 0.5
    private static let longest = 30.0
    private let limit: ReconnectLimit
    private let jitter: () -> Double
    private var attempts = 0
    /// The last delay: a connection that is open for longer resets the delays and the count.
    private var lastDelay = TimeAmount.zero
    private var connectedSince: NIODeadline?

    /// Creates the delays of a session.
    ///
    /// - Parameters:
    ///   - limit: how many attempts may follow one another.
    ///   - jitter: returns the part of a delay that is waited, so that the clients of one server do not return together.
    init(_ limit: ReconnectLimit, jitter: @escaping () -> Double) {
        (self.limit, self.jitter) = (limit, jitter)
    }

    /// Notes that a connection is open.
    mutating func connected(at now: NIODeadline) {
        connectedSince = now
    }

    /// Notes that the user connects: the delay after an attempt of theirs is no longer than the one that they cut short.
    mutating func userReconnects() {
        attempts = max(0, attempts - 1)
    }

    /// What a session that gives up says; nil while attempts are left.
    var exhaustion: String? {
        guard let most = limit.attempts, attempts >= most else { return nil }
        return "gave up after \(most) attempt\(most == 1 ? "" : "s") to reconnect (--reconnect \(most))"
    }

    /// Returns the time until the next attempt, in seconds; nil when there were enough in a row.
    mutating func next(at now: NIODeadline) -> Double? {
        if let connectedSince, now - connectedSince > lastDelay { attempts = 0 }
        connectedSince = nil
        guard attempts < limit.attempts ?? .max else { return nil }
        // 2^10 is far beyond the longest delay.
        let delay = min(Self.longest, Self.first * Double(1 << min(attempts, 10)))
        attempts += 1
        let seconds = (delay * jitter() * 100).rounded() / 100
        lastDelay = .nanoseconds(Int64(seconds * 1e9))
        return seconds
    }
}
