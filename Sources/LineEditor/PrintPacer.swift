/// Decides when to print waiting text and how much of it.
///
/// Text is printed immediately when there is little, about 60 times a second when there is much, and on a slow terminal
/// in portions small enough for typed keys to appear in between.
struct PrintPacer {
    private static let interval = Duration.milliseconds(16)
    private static let slow = Duration.milliseconds(40)

    private var nextPrint = ContinuousClock.now
    /// The maximum number of bytes to print at once.
    private(set) var limit = 256 * 1024

    /// The time to wait before printing.
    var delay: Duration {
        max(.zero, ContinuousClock.now.duration(to: nextPrint))
    }

    /// Records how long it took to print a portion of text.
    mutating func printed(_ count: Int, in duration: Duration) {
        nextPrint = ContinuousClock.now + Self.interval
        if duration > Self.slow {
            limit = max(limit / 2, 4 * 1024)
        } else if count * 2 > limit {
            limit = min(limit * 2, 1024 * 1024)
        }
    }
}
