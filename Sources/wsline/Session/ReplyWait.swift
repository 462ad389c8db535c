import NIOCore
import TestScript

/// How long a session waits for replies after the end of input.
enum ReplyWait: Equatable, Sendable {
    /// Until the server closes the connection.
    case untilClose
    /// This long, and longer while fewer messages have arrived than were sent and they keep arriving. Zero does not
    /// wait.
    case fixed(Seconds)
    /// Up to 10 seconds for the first reply, then until no message has arrived for this long. Does not wait if nothing
    /// was sent.
    case untilQuiet(Seconds)

    /// The maximum time to wait for the first reply.
    static let firstReply = TimeAmount.seconds(10)

    /// Whether to print a notice about missing replies.
    var expectsReplies: Bool {
        switch self {
        case .untilClose: false
        case .fixed(let wait): wait.value > 0
        case .untilQuiet: true
        }
    }

    /// Returns the time at which the session stops waiting.
    ///
    /// - Parameters:
    ///   - conversation: the state of the connection.
    ///   - start: when the wait began.
    ///   - sent: the number of messages sent.
    /// - Returns: the time; nil for never.
    func end(_ conversation: Conversation, since start: NIODeadline, sent: Int) -> NIODeadline? {
        let last = max(conversation.lastMessage, start)
        let isMissing = conversation.received < sent
        switch self {
        case .untilClose: return nil
        case .fixed(let wait): return (isMissing && wait.value > 0 ? last : start) + wait.timeAmount
        case .untilQuiet where sent == 0: return start
        case .untilQuiet(let quiet):
            return last + (isMissing && !conversation.hasReply ? Self.firstReply : quiet.timeAmount)
        }
    }
}

extension Seconds {
    /// How long no message arrives before the session assumes that there are no more replies.
    static let quiet = Seconds(value: 1)
    /// The same after the messages of `-x`: wscat waits as long.
    static let commandQuiet = Seconds(value: 2)
}
