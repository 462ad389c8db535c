import Synchronization

/// The numbers 1, 2, 3 … for `${counter()}`, shared by all copies of a test's variables.
final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
