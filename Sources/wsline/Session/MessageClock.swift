import NIOCore
import Synchronization

/// The time of the newest message. Thread-safe, because lines are entered on another thread than messages arrive on.
final class MessageClock: Sendable {
    private let newest = Mutex<NIODeadline?>(nil)

    /// Records the time of a message.
    ///
    /// - Returns: the time since the message before, in nanoseconds; 0 for the first one.
    func advance(to time: NIODeadline) -> Int64 {
        newest.withLock { newest in
            defer { newest = time }
            return newest.map { (time - $0).nanoseconds } ?? 0
        }
    }
}
