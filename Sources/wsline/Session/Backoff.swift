/// How long to wait before connecting again: 0.5 s at first, then ever longer up to 30 s, and never at the same time as
/// other clients of the same server.
struct Backoff {
    private static let first = 0.5
    private static let longest = 30.0
    /// A connection that stood this long was a good one: counting begins anew.
    private static let stableTime = Duration.seconds(60)

    private let limit: ReconnectLimit
    private var attempts = 0
    private var connected: ContinuousClock.Instant?

    init(_ limit: ReconnectLimit) {
        self.limit = limit
    }

    /// Notes that there is a connection, since a time.
    mutating func noteConnected(at time: ContinuousClock.Instant = .now) {
        connected = time
    }

    /// Returns the time until the next attempt, in seconds; nil when there were enough in a row.
    mutating func next() -> Double? {
        if let connected, ContinuousClock.now - connected >= Self.stableTime { attempts = 0 }
        connected = nil
        guard attempts < limit.attempts ?? .max else { return nil }
        // 2^10 is far beyond the longest time.
        let time = min(Self.longest, Self.first * Double(1 << min(attempts, 10)))
        attempts += 1
        return (time * Double.random(in: 0.5...1) * 100).rounded() / 100
    }
}
