import NIOCore
import TestScript

/// What the user asked of a session: when it waits, closes and connects again.
struct SessionPolicy {
    /// How long replies are awaited after the end of input.
    var replyWait = ReplyWait.untilClose
    /// Whether the user learns of replies that did not arrive: not in a stream, whose messages are pieces of any size.
    var countsReplies = true
    /// The number of messages to receive before closing; nil for no limit.
    var messageLimit: Int?
    /// How many expectations the messages have to meet.
    var expectations = 0
    /// How long no message may arrive, or none that is expected.
    var silenceLimit: Seconds?
    /// How long the whole run may take, and when that is over.
    var timeLimit: (value: Seconds, end: NIODeadline)?
    /// How often pings are sent, and how long nothing may arrive after one.
    var pings: (interval: Seconds, timeout: Seconds?)?
    /// How often the connection is opened again; nil for never.
    var reconnect: ReconnectLimit?
    /// Whether a user at a terminal decides what happens when there is no connection.
    var isTyped = false
    /// Whether that user also decides when the server ends the connection; else this ends the session.
    var staysWhenDisconnected = false
}

/// The state of one connection.
struct Conversation {
    /// What made the session close a connection whose expectations were not met.
    enum GivenUp {
        case silence, waited
    }

    /// When something last arrived.
    var lastInbound: NIODeadline
    /// When a message last arrived.
    var lastMessage: NIODeadline
    /// When a message last arrived that was awaited: any, or one that meets an expectation.
    var lastAwaited: NIODeadline
    /// When a ping was last sent to keep the connection alive.
    var lastPing: NIODeadline
    /// Messages received.
    var received = 0
    /// When input ended, or the connection opened after that; nil before.
    var waitStart: NIODeadline?
    /// Whether a message arrived since `waitStart`.
    var hasReply = false
    /// Why the user, a signal or a limit ends the session.
    var leaving: Failure?
    var givenUp: GivenUp?
    var outputFailure: (failure: Failure, isBrokenPipe: Bool)?
    /// Whether we began to end it: the user, a signal, a limit or a failure, and not the server.
    var isEndedByUs = false
    /// Whether the user wants another connection after this one.
    var isToReconnect = false

    init(since now: NIODeadline) {
        (lastInbound, lastMessage, lastAwaited, lastPing) = (now, now, now, now)
    }
}
