import NIOCore
import Synchronization

/// The time of the newest message. Thread-safe, because lines are entered on another thread than messages arrive on.
final class MessageClock: Sendable {
    private let newest = Mutex<NIODeadline?>(nil)

    /// Records the time of a message.
    ///
    /// - Returns: the time since the message before, in nanoseconds; 0 for the first one.
    @discardableResult
    func advance(to time: NIODeadline) -> Int64 {
        newest.withLock { newest in
            // A message can have arrived before one that was sent meanwhile.
            defer { newest = max(newest ?? time, time) }
            return newest.map { max(0, (time - $0).nanoseconds) } ?? 0
        }
    }

    /// Returns the time since the newest message, in nanoseconds; 0 before the first one.
    func elapsed(at time: NIODeadline) -> Int64 {
        newest.withLock { $0.map { max(0, (time - $0).nanoseconds) } ?? 0 }
    }
}
