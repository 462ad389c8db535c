import WebSocketProtocol

@testable import wsline

/// Tables about waiting for replies.
extension SessionStateMachineTests {
    private static var quiet: SessionPolicy { SessionPolicy(replyWait: .untilQuiet(seconds(1))) }

    static let replies = [
        SessionTable(
            "The wait for replies starts at the end of input and ends the session",
            SessionPolicy(replyWait: .fixed(seconds(1))),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .inputEnded(), "replies at 2"),
                .init(2, .fired(.replies, sent: 0), "close"), .init(2, .closedByUs, "finish"),
                .init(2, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "The wait is extended while missing replies keep arriving",
            SessionPolicy(replyWait: .fixed(seconds(1))),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(), "replies at 1"),
                .init(0.5, .received(1)), .init(1, .fired(.replies, sent: 3), "replies at 1.5"),
                .init(1.5, .fired(.replies, sent: 3), "close"),
            ]
        ),
        SessionTable(
            "The wait is not extended when every message has a reply",
            SessionPolicy(replyWait: .fixed(seconds(1))),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(), "replies at 1"),
                .init(0.5, .received(3)), .init(1, .fired(.replies, sent: 3), "close"),
            ]
        ),
        SessionTable(
            "A wait of zero is never extended",
            SessionPolicy(replyWait: .fixed(seconds(0))),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .inputEnded(), "replies at 1"),
                .init(1, .received(1)), .init(1, .fired(.replies, sent: 3), "close"),
            ]
        ),
        SessionTable(
            "Blocked output does not count as silence",
            SessionPolicy(replyWait: .fixed(seconds(1))),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(), "replies at 1"),
                .init(0.5, .outputBlocked(true)), .init(1, .fired(.replies, sent: 3), "replies at 2"),
                .init(5, .outputBlocked(false)), .init(5, .fired(.replies, sent: 3), "replies at 6"),
            ]
        ),
        SessionTable(
            "Without a limit, the session waits until the server closes",
            SessionPolicy(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded()),
                .init(99, .closedByServer(.normalClosure), "finish"), .init(99, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "A reply may arrive while the connection closes",
            SessionPolicy(replyWait: .fixed(seconds(1))),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(), "replies at 1"),
                .init(1, .fired(.replies, sent: 0), "close"), .init(1, .received(1)), .init(1, .closedByUs, "finish"),
                .init(1, .finished(), "end 0"),
            ]
        ),
    ]

    static let untilQuiet = [
        SessionTable(
            "The first reply may take ten seconds; the wait ends one second after the last",
            quiet,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .inputEnded(sent: 1), "replies at 11"),
                .init(9, .received(1), "replies at 10"), .init(9.5, .received(1)),
                .init(10, .fired(.replies, sent: 1), "replies at 10.5"),
                .init(10.5, .fired(.replies, sent: 1), "close"),
                .init(10.5, .closedByUs, "finish"), .init(10.5, .finished(sent: 1), "end 0"),
            ]
        ),
        SessionTable(
            "No first reply is needed when every message has one",
            quiet,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(2)),
                .init(2, .inputEnded(sent: 2), "replies at 3"), .init(3, .fired(.replies, sent: 2), "close"),
            ]
        ),
        SessionTable(
            "A reply before the end of input does not shorten the wait for the next one",
            quiet,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(1)),
                .init(2, .inputEnded(sent: 2), "replies at 12"), .init(4, .received(1), "replies at 5"),
                .init(5, .fired(.replies, sent: 2), "close"),
            ]
        ),
        SessionTable(
            "A missing first reply is reported with the numbers of messages",
            quiet,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 3), "replies at 10"),
                .init(10, .fired(.replies, sent: 3), "close"), .init(10, .closedByUs, "finish"),
                .init(10, .finished(sent: 3), "received 0 of 3", "end 0"),
            ]
        ),
        SessionTable(
            "A reply while the connection closes is not missing",
            quiet,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 1), "replies at 10"),
                .init(10, .fired(.replies, sent: 1), "close"), .init(10, .received(1)),
                .init(10, .closedByUs, "finish"), .init(10, .finished(sent: 1), "end 0"),
            ]
        ),
        SessionTable(
            "Input without messages expects no replies",
            quiet,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .inputEnded(sent: 0), "replies at 1"),
                .init(1, .fired(.replies, sent: 0), "close"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(sent: 0), "end 0"),
            ]
        ),
        SessionTable(
            "Blocked output does not end the wait",
            quiet,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 9), "replies at 10"),
                .init(2, .received(1), "replies at 3"), .init(2, .outputBlocked(true)),
                .init(3, .fired(.replies, sent: 9), "replies at 4"), .init(30, .outputBlocked(false)),
                .init(30, .fired(.replies, sent: 9), "replies at 31"), .init(31, .fired(.replies, sent: 9), "close"),
            ]
        ),
        SessionTable(
            "Missing replies are also reported when the server closes",
            quiet,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 2), "replies at 10"),
                .init(1, .received(1), "replies at 2"), .init(1.5, .closedByServer(.normalClosure), "finish"),
                .init(1.5, .finished(sent: 2), "received 1 of 2", "end 0"),
            ]
        ),
        SessionTable(
            "Missing replies are not reported in addition to a failure",
            quiet,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 2), "replies at 10"),
                .init(1, .lost, "finish"), .init(1, .finished(sent: 2), "end 74"),
            ]
        ),
        SessionTable(
            "Missing replies are also reported after a fixed wait",
            SessionPolicy(replyWait: .fixed(seconds(1))),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 2), "replies at 1"),
                .init(1, .fired(.replies, sent: 2), "close"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(sent: 2), "received 0 of 2", "end 0"),
            ]
        ),
        SessionTable(
            "A wait of zero does not expect replies",
            SessionPolicy(replyWait: .fixed(seconds(0))),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 2), "replies at 0"),
                .init(0, .fired(.replies, sent: 2), "close"), .init(0, .closedByUs, "finish"),
                .init(0, .finished(sent: 2), "end 0"),
            ]
        ),
        SessionTable(
            "Chunks of a stream are not counted",
            SessionPolicy(replyWait: .untilQuiet(seconds(1)), countsReplies: false),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 2), "replies at 10"),
                .init(1, .received(1), "replies at 2"), .init(2, .fired(.replies, sent: 2), "close"),
                .init(2, .closedByUs, "finish"), .init(2, .finished(sent: 2), "end 0"),
            ]
        ),
        SessionTable(
            "Missing replies are not reported after a broken pipe",
            quiet,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 2), "replies at 10"),
                .init(1, .outputFailed(isBrokenPipe: true), "close soon"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(sent: 2), "end 0"),
            ]
        ),
        SessionTable(
            "Missing replies are counted over all connections",
            SessionPolicy(replyWait: .untilQuiet(seconds(1)), reconnect: try? ReconnectLimit("inf")),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(2)), .init(2, .lost, "finish"),
                .init(2, .finished(sent: 3), "retry in 0.5", "reconnect at 2.5"),
                .init(2.5, .fired(.reconnect), "connect"), .init(3, .connected),
                .init(3, .inputEnded(sent: 4), "replies at 13"), .init(13, .fired(.replies, sent: 4), "close"),
                .init(13, .closedByUs, "finish"), .init(13, .finished(sent: 7), "received 2 of 7", "end 0"),
            ]
        ),
        SessionTable(
            "After reconnecting, the session waits for replies to messages sent over the new connection",
            SessionPolicy(replyWait: .untilQuiet(seconds(1)), reconnect: try? ReconnectLimit("inf")),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 1), "replies at 10"),
                .init(2, .lost, "finish"), .init(2, .finished(sent: 1), "retry in 0.5", "reconnect at 2.5"),
                .init(2.5, .fired(.reconnect), "connect"), .init(3, .connected, "replies at 3"),
                .init(3, .fired(.replies, sent: 1), "replies at 13"),
            ]
        ),
    ]
}
