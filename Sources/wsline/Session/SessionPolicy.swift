import NIOCore
import TestScript

/// The user's choices of when a session waits, closes and reconnects.
struct SessionPolicy {
    /// How long to wait for replies after the end of input.
    var replyWait = ReplyWait.untilClose
    /// Whether to report missing replies: not for `--framing stream`, whose messages are arbitrary chunks.
    var countsReplies = true
    /// The number of messages to receive before closing; nil for no limit.
    var messageLimit: Int?
    /// The number of expectations that messages have to meet.
    var expectations = 0
    /// The longest time without a message, or without an expected one.
    var silenceLimit: Seconds?
    /// The time limit for the whole run, and when it ends.
    var timeLimit: (value: Seconds, end: NIODeadline)?
    /// The interval between pings, and the longest time without incoming data after one.
    var pings: (interval: Seconds, timeout: Seconds?)?
    /// The limit of reconnection attempts; nil for no reconnection.
    var reconnect: ReconnectLimit?
    /// Whether a user at a terminal can reconnect when there is no connection.
    var isTyped = false
    /// Whether that also holds after the server ends the connection, which otherwise ends the session.
    var staysWhenDisconnected = false
}

/// The state of one connection.
struct Conversation {
    /// The reason why the session closed a connection with unmet expectations.
    enum GivenUp {
        case silence, waited
    }

    /// The time at which anything last arrived.
    var lastInbound: NIODeadline
    /// The time at which a message last arrived.
    var lastMessage: NIODeadline
    /// The time at which an awaited message last arrived: any message, or one that meets an expectation.
    var lastAwaited: NIODeadline
    /// The time at which a keepalive ping was last sent.
    var lastPing: NIODeadline
    /// The number of messages received.
    var received = 0
    /// The time at which waiting for replies started: at the end of input, or when a later connection opened; nil
    /// before.
    var waitStart: NIODeadline?
    /// Whether a message has arrived since `waitStart`.
    var hasReply = false
    /// The reason why the user, a signal or a limit ends the session.
    var leaving: Failure?
    var givenUp: GivenUp?
    var outputFailure: (failure: Failure, isBrokenPipe: Bool)?
    /// Whether this side started closing, rather than the server.
    var isEndedByUs = false
    /// Whether the user wants to reconnect.
    var isToReconnect = false

    /// Whether the user, a limit or the reader of the output ended the connection.
    var isEndedByUser: Bool { leaving != nil || outputFailure != nil }

    init(since now: NIODeadline) {
        (lastInbound, lastMessage, lastAwaited, lastPing) = (now, now, now, now)
    }
}
