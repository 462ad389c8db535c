import TestScript

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

    /// Tells when to connect again.
    ///
    /// - Parameter failure: why there is no connection, which may pass or not.
    /// - Returns: the next attempt; nil when there is to be none.
    mutating func retry(after failure: Failure) -> Retry? {
        guard failure.mayPass, let delay = next() else { return nil }
        return Retry(delay: delay, words: "\(failure.message); connecting again in \(Seconds.format(delay)) s")
    }

    /// Returns the time until the next attempt, in seconds; nil when there were enough in a row.
    private mutating func next() -> Double? {
        if let connected, ContinuousClock.now - connected >= Self.stableTime { attempts = 0 }
        connected = nil
        guard attempts < limit.attempts ?? .max else { return nil }
        // 2^10 is far beyond the longest time.
        let time = min(Self.longest, Self.first * Double(1 << min(attempts, 10)))
        attempts += 1
        return (time * Double.random(in: 0.5...1) * 100).rounded() / 100
    }
}

/// Another attempt to connect.
struct Retry: Sendable {
    /// The time until then, in seconds.
    let delay: Double
    /// What the user is told.
    let words: String

    /// Waits until then.
    ///
    /// - Parameter plan: has the time limit of the run, if there is one.
    /// - Throws: `Failure` when that comes first, `CancellationError` when the task is cancelled.
    func wait(_ plan: SessionPlan) async throws {
        let end = ContinuousClock.now + .seconds(delay)
        guard let limit = plan.timeLimit, limit.end < end else {
            return try await Task.sleep(until: end, clock: .continuous)
        }
        try await Task.sleep(until: limit.end, clock: .continuous)
        throw Failure(timeLimit: limit.value)
    }
}
