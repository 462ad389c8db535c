/// Decides when to print waiting text, and how much: at once when traffic is low, about 60 times a second in a flood, and
/// on a slow terminal only as much as lets typed keys appear in between.
struct PrintPacer {
    private static let interval = Duration.milliseconds(16)
    private static let slow = Duration.milliseconds(40)

    private var nextPrint = ContinuousClock.now
    /// The most bytes to print at once.
    private(set) var limit = 256 * 1024

    /// How long to wait before printing.
    var delay: Duration {
        max(.zero, ContinuousClock.now.duration(to: nextPrint))
    }

    /// Notes how long printing a portion took.
    mutating func printed(_ count: Int, in duration: Duration) {
        nextPrint = ContinuousClock.now + Self.interval
        if duration > Self.slow {
            limit = max(limit / 2, 4 * 1024)
        } else if count * 2 > limit {
            limit = min(limit * 2, 1024 * 1024)
        }
    }
}
