import MessageText
import NIOCore

extension Timestamp {
    /// Creates the wall-clock time of a deadline.
    init(_ deadline: NIODeadline) {
        self.init(nanosecondsAgo: (NIODeadline.now() - deadline).nanoseconds)
    }
}
