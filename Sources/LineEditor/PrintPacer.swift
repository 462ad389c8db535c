/// When to print what has come, and how much at a time: at once when it is quiet, about 60 times a second in a flood,
/// and on a slow terminal no more than lets typed keys appear in between.
struct PrintPacer {
    private static let interval = Duration.milliseconds(16)
    private static let slow = Duration.milliseconds(40)

    private var nextPrint = ContinuousClock.now
    /// The most bytes to print at once.
    private(set) var limit = 256 * 1024

    /// How long to wait before printing; zero when it is time.
    var delay: Duration {
        max(.zero, ContinuousClock.now.duration(to: nextPrint))
    }

    /// Notes that a full portion, or all there was, took this long to print.
    mutating func printed(_ count: Int, in duration: Duration) {
        nextPrint = ContinuousClock.now + Self.interval
        if duration > Self.slow {
            limit = max(limit / 2, 4 * 1024)
        } else if count * 2 > limit {
            limit = min(limit * 2, 1024 * 1024)
        }
    }
}
