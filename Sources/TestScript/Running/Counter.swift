import Synchronization

/// A counter for `${counter()}` that starts at 1 and is shared by all copies of a test's variables.
final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
