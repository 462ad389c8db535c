import NIOCore
import ProcessSupport
import Testing
import WebSocketProtocol

@testable import wsline

/// The decisions of a session, as tables of events and actions.
@Suite(.fewAtATime) struct SessionStateMachineTests {
    private static func seconds(_ value: Double) -> Seconds { Seconds(value: value) }

    private static func reconnecting(_ limit: String = "inf") -> SessionPolicy {
        SessionPolicy(replyWait: seconds(1), reconnect: try? ReconnectLimit(limit))
    }

    private static func typed(reconnects: Bool = false) -> SessionPolicy {
        SessionPolicy(reconnect: reconnects ? try? ReconnectLimit("inf") : nil, isTyped: true)
    }

    private static let replies = [
        SessionTable(
            "The wait for replies begins at the end of input and ends the session",
            SessionPolicy(replyWait: seconds(1)),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .inputEnded(), "replies at 2"),
                .init(2, .fired(.replies, sent: 0), "close"), .init(2, .closedByUs, "finish"),
                .init(2, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "The wait is longer while replies are missing and keep arriving",
            SessionPolicy(replyWait: seconds(1)),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(), "replies at 1"),
                .init(0.5, .received(1)), .init(1, .fired(.replies, sent: 3), "replies at 1.5"),
                .init(1.5, .fired(.replies, sent: 3), "close"),
            ]
        ),
        SessionTable(
            "The wait is not longer when every message has its reply",
            SessionPolicy(replyWait: seconds(1)),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(), "replies at 1"),
                .init(0.5, .received(3)), .init(1, .fired(.replies, sent: 3), "close"),
            ]
        ),
        SessionTable(
            "A wait of zero is never longer",
            SessionPolicy(replyWait: seconds(0)),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .inputEnded(), "replies at 1"),
                .init(1, .received(1)), .init(1, .fired(.replies, sent: 3), "close"),
            ]
        ),
        SessionTable(
            "Blocked output does not count as silence",
            SessionPolicy(replyWait: seconds(1)),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(), "replies at 1"),
                .init(0.5, .outputBlocked(true)), .init(1, .fired(.replies, sent: 3), "replies at 2"),
                .init(5, .outputBlocked(false)), .init(5, .fired(.replies, sent: 3), "replies at 6"),
            ]
        ),
        SessionTable(
            "Without a limit of the wait the server decides",
            SessionPolicy(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded()),
                .init(99, .closedByServer(.normalClosure), "finish"), .init(99, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "A reply may arrive while the connection closes",
            SessionPolicy(replyWait: seconds(1)),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(), "replies at 1"),
                .init(1, .fired(.replies, sent: 0), "close"), .init(1, .received(1)), .init(1, .closedByUs, "finish"),
                .init(1, .finished(), "end 0"),
            ]
        ),
    ]

    private static let limits = [
        SessionTable(
            "The limit of messages closes the connection, once",
            SessionPolicy(messageLimit: 2),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(1)),
                .init(1, .received(5, shown: 1), "close soon"), .init(1, .received(5, shown: 0)),
                .init(1, .closedByUs, "finish"), .init(1, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "A server that fails after the limit of messages fails nobody",
            SessionPolicy(messageLimit: 1),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(1), "close soon"),
                .init(1, .lost, "finish"), .init(1, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "Silence ends a session with a timeout",
            SessionPolicy(silenceLimit: seconds(5)),
            [
                .init(0, .start, "connect"), .init(0, .connected, "silence at 5"), .init(3, .received(1)),
                .init(5, .fired(.silence), "silence at 8"), .init(8, .fired(.silence), "close soon"),
                .init(8, .closedByUs, "finish"), .init(8, .finished(), "end 75"),
            ]
        ),
        SessionTable(
            "Blocked output is not the silence of the server",
            SessionPolicy(silenceLimit: seconds(5)),
            [
                .init(0, .start, "connect"), .init(0, .connected, "silence at 5"), .init(1, .outputBlocked(true)),
                .init(5, .fired(.silence), "silence at 10"),
            ]
        ),
        SessionTable(
            "The time of the whole run counts while connecting, too",
            SessionPolicy(timeLimit: (seconds(3), .uptimeNanoseconds(3_000_000_000))),
            [
                .init(0, .start, "timeLimit at 3", "connect"), .init(3, .fired(.timeLimit), "cancel", "end 75"),
                .init(4, .connected, "abort"),
            ]
        ),
        SessionTable(
            "The time of the whole run ends an open connection",
            SessionPolicy(timeLimit: (seconds(3), .uptimeNanoseconds(3_000_000_000))),
            [
                .init(0, .start, "timeLimit at 3", "connect"), .init(1, .connected),
                .init(3, .fired(.timeLimit), "close soon"), .init(3, .closedByUs, "finish"),
                .init(3, .finished(), "end 75"),
            ]
        ),
        SessionTable(
            "The time of the whole run ends a wait for output that is blocked",
            SessionPolicy(timeLimit: (seconds(3), .uptimeNanoseconds(3_000_000_000))),
            [
                .init(0, .start, "timeLimit at 3", "connect"), .init(1, .connected), .init(2, .lost, "finish"),
                .init(3, .fired(.timeLimit), "end 75"),
            ]
        ),
    ]

    private static let expectations = [
        SessionTable(
            "Expectations that are met close the connection",
            SessionPolicy(expectations: 2, silenceLimit: seconds(5)),
            [
                .init(0, .start, "connect"), .init(0, .connected, "silence at 5"), .init(1, .received(1)),
                .init(1, .expectationsMet(left: 1)), .init(2, .received(1)),
                .init(2, .expectationsMet(left: 0), "close soon"), .init(2, .closedByUs, "finish"),
                .init(2, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "Only a message that is expected ends the silence",
            SessionPolicy(expectations: 1, silenceLimit: seconds(5)),
            [
                .init(0, .start, "connect"), .init(0, .connected, "silence at 5"), .init(4, .received(1)),
                .init(5, .fired(.silence), "close soon"), .init(5, .closedByUs, "finish"),
                .init(5, .finished(unmet: true), "end 1"),
            ]
        ),
        SessionTable(
            "An expectation that is unmet when the connection ends fails",
            SessionPolicy(expectations: 1),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .closedByServer(.normalClosure), "finish"),
                .init(1, .finished(unmet: true), "end 1"),
            ]
        ),
        SessionTable(
            "A signal does not wait for an expectation that is still being checked",
            SessionPolicy(expectations: 1),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(2, .leave(.signal(2)), "end 130"), .init(3, .finished(unmet: true)),
            ]
        ),
        SessionTable(
            "An expectation holds although nobody reads the output",
            SessionPolicy(expectations: 1),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .outputFailed(isBrokenPipe: true)),
                .init(2, .expectationsMet(left: 0), "close soon"), .init(2, .closedByUs, "finish"),
                .init(2, .finished(), "end 0"),
            ]
        ),
    ]

    private static let ends: [SessionTable] = [
        SessionTable(
            "A broken pipe is no failure",
            SessionPolicy(),
            [
                .init(0, .start, "connect"), .init(0, .connected),
                .init(1, .outputFailed(isBrokenPipe: true), "close soon"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "A full disk is a failure",
            SessionPolicy(),
            [
                .init(0, .start, "connect"), .init(0, .connected),
                .init(1, .outputFailed(isBrokenPipe: false), "close soon"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(), "end 74"),
            ]
        ),
        SessionTable(
            "A full disk that shows at the end is a failure, too",
            SessionPolicy(messageLimit: 1),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(1), "close soon"),
                .init(1, .closedByUs, "finish"), .init(1, .outputFailed(isBrokenPipe: false)),
                .init(1, .finished(), "end 74"),
            ]
        ),
        SessionTable(
            "Input that cannot be sent fails after the replies to what was sent",
            SessionPolicy(replyWait: seconds(1)),
            [
                .init(0, .start, "connect"), .init(0, .connected),
                .init(0, .inputEnded(.unsendableInput), "replies at 1"),
                .init(1, .fired(.replies, sent: 0), "close"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(), "end 65"),
            ]
        ),
        SessionTable(
            "No connection is a failure",
            SessionPolicy(),
            [.init(0, .start, "connect"), .init(0, .connectFailed(.unavailable), "end 69")]
        ),
        SessionTable(
            "A signal closes, a second one does not wait",
            SessionPolicy(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .leave(.signal(15)), "close soon"),
                .init(1, .leave(.signal(15)), "abort"), .init(1, .lost, "finish"), .init(1, .finished(), "end 143"),
            ]
        ),
        SessionTable(
            "A signal cancels an attempt to connect",
            SessionPolicy(),
            [.init(0, .start, "connect"), .init(0, .leave(.signal(2)), "cancel", "end 130")]
        ),
    ]

    private static let closeCodes: [SessionTable] = [
        (CloseCode?.none, "end 0"), (.normalClosure, "end 0"), (.goingAway, "end 0"), (.internalError, "end 2"),
        (CloseCode(rawValue: 4000), "end 2"),
    ].map { code, end in
        SessionTable(
            "A server that closes with \(code.map { "\($0.rawValue)" } ?? "no code")",
            SessionPolicy(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .closedByServer(code), "finish"),
                .init(1, .finished(), end),
            ]
        )
    }

    private static let pings = [
        SessionTable(
            "Pings are sent at their interval",
            SessionPolicy(pings: (seconds(10), nil)),
            [
                .init(0, .start, "connect"), .init(0, .connected, "ping at 10"),
                .init(10, .fired(.ping), "ping", "ping at 20"),
            ]
        ),
        SessionTable(
            "A connection on which nothing arrives after a ping is dead",
            SessionPolicy(pings: (seconds(10), seconds(3))),
            [
                .init(0, .start, "connect"), .init(0, .connected, "ping at 10"),
                .init(10, .fired(.ping), "ping", "pong at 13"), .init(11, .received(0)),
                .init(13, .fired(.pong), "ping at 20"), .init(20, .fired(.ping), "ping", "pong at 23"),
                .init(23, .fired(.pong), "abort"), .init(23, .lost, "finish"), .init(23, .finished(), "end 75"),
            ]
        ),
        SessionTable(
            "A connection that is not read cannot be dead",
            SessionPolicy(pings: (seconds(10), seconds(3))),
            [
                .init(0, .start, "connect"), .init(0, .connected, "ping at 10"),
                .init(10, .fired(.ping), "ping", "pong at 13"), .init(10, .outputBlocked(true)),
                .init(13, .fired(.pong), "ping at 20"),
            ]
        ),
    ]

    private static let reconnects = [
        SessionTable(
            "A lost connection is opened again with exponential backoff",
            reconnecting(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .finished(), "retry in 0.5", "reconnect at 1.5"), .init(1.5, .fired(.reconnect), "connect"),
                .init(1.5, .connectFailed(.unavailable), "retry in 1", "reconnect at 2.5"),
                .init(2.5, .fired(.reconnect), "connect"),
                .init(3, .connectFailed(.unavailable), "retry in 2", "reconnect at 5"),
            ]
        ),
        SessionTable(
            "A connection that was open for a minute resets the backoff",
            reconnecting(),
            [
                .init(0, .start, "connect"), .init(0, .connectFailed(.unavailable), "retry in 0.5", "reconnect at 0.5"),
                .init(1, .fired(.reconnect), "connect"), .init(1, .connected), .init(62, .lost, "finish"),
                .init(62, .finished(), "retry in 0.5", "reconnect at 62.5"),
            ]
        ),
        SessionTable(
            "Enough attempts in a row end the session",
            reconnecting("2"),
            [
                .init(0, .start, "connect"), .init(0, .connectFailed(.unavailable), "retry in 0.5", "reconnect at 0.5"),
                .init(0.5, .fired(.reconnect), "connect"),
                .init(1, .connectFailed(.unavailable), "retry in 1", "reconnect at 2"),
                .init(2, .fired(.reconnect), "connect"), .init(2, .connectFailed(.unavailable), "end 69"),
            ]
        ),
        SessionTable(
            "A failure that will not pass ends the session",
            reconnecting(),
            [.init(0, .start, "connect"), .init(0, .connectFailed(.notAllowed, mayPass: false), "end 77")]
        ),
        SessionTable(
            "A server that goes away is expected back",
            reconnecting(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .closedByServer(.goingAway), "finish"),
                .init(1, .finished(), "retry in 0.5", "reconnect at 1.5"),
            ]
        ),
        SessionTable(
            "A signal ends the wait for the next attempt",
            reconnecting(),
            [
                .init(0, .start, "connect"), .init(0, .connectFailed(.unavailable), "retry in 0.5", "reconnect at 0.5"),
                .init(0.2, .leave(.signal(2)), "end 130"), .init(0.5, .fired(.reconnect)),
            ]
        ),
        SessionTable(
            "A signal ends an attempt to reconnect",
            reconnecting(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .finished(), "retry in 0.5", "reconnect at 1.5"), .init(1.5, .fired(.reconnect), "connect"),
                .init(2, .leave(.signal(15)), "cancel", "end 143"), .init(2, .connectFailed(.unavailable)),
            ]
        ),
        SessionTable(
            "The wait for replies begins again with a connection after the end of input",
            reconnecting(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(), "replies at 1"),
                .init(0.5, .lost, "finish"), .init(0.5, .finished(), "retry in 0.5", "reconnect at 1"),
                .init(1, .fired(.replies)), .init(1, .fired(.reconnect), "connect"),
                .init(2, .connected, "replies at 3"),
                .init(3, .fired(.replies), "close"), .init(3, .closedByUs, "finish"), .init(3, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "Messages are counted over all connections",
            SessionPolicy(messageLimit: 2, reconnect: try? ReconnectLimit("inf")),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .received(1)), .init(1, .lost, "finish"),
                .init(1, .finished(), "retry in 0.5", "reconnect at 1.5"), .init(1.5, .fired(.reconnect), "connect"),
                .init(2, .connected), .init(2, .received(1), "close soon"),
            ]
        ),
    ]

    private static let users = [
        SessionTable(
            "The user closes the connection",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .userCloses, "close"),
                .init(1, .closedByUs, "finish"), .init(1, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "The user quits",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .leave(.success), "close soon"),
                .init(1, .lost, "finish"), .init(1, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "The user reconnects",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .userReconnects, "close soon"),
                .init(1, .closedByUs, "finish"), .init(1, .finished(), "connect"), .init(2, .connected),
            ]
        ),
        SessionTable(
            "An attempt of the user that fails leaves the session disconnected",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .userReconnects, "close soon"),
                .init(1, .closedByUs, "finish"), .init(1, .finished(), "connect"),
                .init(2, .connectFailed(.unavailable), "disconnected 69"), .init(3, .userReconnects, "connect"),
                .init(4, .connectFailed(.noHost), "disconnected 68"), .init(5, .leave(.success), "end 0"),
            ]
        ),
        SessionTable(
            "A signal ends the disconnected prompt",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .userReconnects, "close soon"),
                .init(1, .closedByUs, "finish"), .init(1, .finished(), "connect"),
                .init(2, .connectFailed(.unavailable), "disconnected 69"), .init(3, .leave(.signal(15)), "end 143"),
            ]
        ),
        SessionTable(
            "A first connection that fails ends the session",
            typed(),
            [.init(0, .start, "connect"), .init(0, .connectFailed(.unavailable), "end 69")]
        ),
        SessionTable(
            "The user tries another server while an attempt is under way",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .userReconnects, "close soon"),
                .init(1, .closedByUs, "finish"), .init(1, .finished(), "connect"),
                .init(2, .userReconnects, "cancel", "connect"), .init(3, .connected),
            ]
        ),
        SessionTable(
            "The user does not wait for the next attempt",
            typed(reconnects: true),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .finished(), "retry in 0.5", "reconnect at 1.5"), .init(1.2, .userReconnects, "connect"),
                .init(1.3, .connected), .init(1.5, .fired(.reconnect)),
            ]
        ),
        SessionTable(
            "Quitting overrides the wish for another connection",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .userReconnects, "close soon"),
                .init(1, .leave(.success), "close soon"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(), "end 0"),
            ]
        ),
    ]

    @Test(
        "Each event leads to these actions",
        arguments: replies + limits + expectations + ends + closeCodes + pings + reconnects + users
    )
    func table(table: SessionTable) throws {
        try table.check()
    }
}
