import NIOCore
import WebSocketProtocol

@testable import wsline

/// Tables about keeping a connection alive, losing it and reconnecting.
extension SessionStateMachineTests {
    private static func reconnecting(_ limit: String = "inf") -> SessionPolicy {
        SessionPolicy(replyWait: .fixed(seconds(1)), reconnect: try? ReconnectLimit(limit))
    }

    private static func typed(reconnects: Bool = false, stays: Bool = true) -> SessionPolicy {
        SessionPolicy(
            reconnect: reconnects ? try? ReconnectLimit("inf") : nil,
            isTyped: true,
            staysWhenDisconnected: stays
        )
    }

    static let pings = [
        SessionTable(
            "Pings are sent at their interval",
            SessionPolicy(pings: (seconds(10), nil)),
            [
                .init(0, .start, "connect"), .init(0, .connected, "ping at 10"),
                .init(10, .fired(.ping), "ping", "ping at 20"),
            ]
        ),
        SessionTable(
            "A connection is dead if nothing arrives after a ping",
            SessionPolicy(pings: (seconds(10), seconds(3))),
            [
                .init(0, .start, "connect"), .init(0, .connected, "ping at 10"),
                .init(10, .fired(.ping), "ping", "pong at 13"), .init(11, .received(0)),
                .init(13, .fired(.pong), "ping at 20"), .init(20, .fired(.ping), "ping", "pong at 23"),
                .init(23, .fired(.pong), "abort"), .init(23, .lost, "finish"), .init(23, .finished(), "end 75"),
            ]
        ),
        SessionTable(
            "A connection is not dead while reading is paused",
            SessionPolicy(pings: (seconds(10), seconds(3))),
            [
                .init(0, .start, "connect"), .init(0, .connected, "ping at 10"),
                .init(10, .fired(.ping), "ping", "pong at 13"), .init(10, .outputBlocked(true)),
                .init(13, .fired(.pong), "ping at 20"),
            ]
        ),
    ]

    static let reconnects = [
        SessionTable(
            "A lost connection is reopened with exponential backoff",
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
            "A connection that was open for longer than the last delay resets the backoff",
            reconnecting(),
            [
                .init(0, .start, "connect"), .init(0, .connectFailed(.unavailable), "retry in 0.5", "reconnect at 0.5"),
                .init(1, .fired(.reconnect), "connect"),
                .init(1, .connectFailed(.unavailable), "retry in 1", "reconnect at 2"),
                .init(2, .fired(.reconnect), "connect"), .init(2, .connected), .init(3.1, .lost, "finish"),
                .init(3.1, .finished(), "retry in 0.5", "reconnect at 3.6"),
            ]
        ),
        SessionTable(
            "A server that drops every connection after accepting it is retried with growing delays",
            reconnecting(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .finished(), "retry in 0.5", "reconnect at 1.5"), .init(1.5, .fired(.reconnect), "connect"),
                .init(1.5, .connected), .init(1.6, .lost, "finish"),
                .init(1.6, .finished(), "retry in 1", "reconnect at 2.6"), .init(2.6, .fired(.reconnect), "connect"),
                .init(2.6, .connected), .init(3.6, .lost, "finish"),
                .init(3.6, .finished(), "retry in 2", "reconnect at 5.6"),
            ]
        ),
        SessionTable(
            "Successful connections do not count as attempts",
            reconnecting("1"),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(3, .lost, "finish"),
                .init(3, .finished(), "retry in 0.5", "reconnect at 3.5"), .init(3.5, .fired(.reconnect), "connect"),
                .init(4, .connected), .init(14, .lost, "finish"),
                .init(14, .finished(), "retry in 0.5", "reconnect at 14.5"),
                .init(14.5, .fired(.reconnect), "connect"), .init(15, .connected), .init(18, .lost, "finish"),
                .init(18, .finished(), "retry in 0.5", "reconnect at 18.5"),
            ]
        ),
        SessionTable(
            "The session ends after the maximum number of consecutive attempts",
            reconnecting("2"),
            [
                .init(0, .start, "connect"), .init(0, .connectFailed(.unavailable), "retry in 0.5", "reconnect at 0.5"),
                .init(0.5, .fired(.reconnect), "connect"),
                .init(1, .connectFailed(.unavailable), "retry in 1", "reconnect at 2"),
                .init(2, .fired(.reconnect), "connect"), .init(2, .connectFailed(.unavailable), "end 69"),
            ]
        ),
        SessionTable(
            "A permanent failure ends the session",
            reconnecting(),
            [.init(0, .start, "connect"), .init(0, .connectFailed(.notAllowed, mayPass: false), "end 77")]
        ),
        SessionTable(
            "The session reconnects to a server that goes away",
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
            "A signal cancels an attempt to reconnect",
            reconnecting(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .finished(), "retry in 0.5", "reconnect at 1.5"), .init(1.5, .fired(.reconnect), "connect"),
                .init(2, .leave(.signal(15)), "cancel", "end 143"), .init(2, .connectFailed(.unavailable)),
            ]
        ),
        SessionTable(
            "Reconnecting after the end of input restarts the wait for replies",
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

    static let users = [
        SessionTable(
            "The user closes the connection",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .userCloses, "close"),
                .init(1, .closedByUs, "finish"), .init(1, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "Closing twice does not wait for the server",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .userCloses, "close"),
                .init(2, .userCloses, "close soon"), .init(2, .lost, "finish"), .init(2, .finished(), "end 0"),
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
            "A failed attempt by the user leaves the session disconnected",
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
            "The user connects to another server during an attempt",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .userReconnects, "close soon"),
                .init(1, .closedByUs, "finish"), .init(1, .finished(), "connect"),
                .init(2, .userReconnects, "cancel", "connect"), .init(3, .connected),
            ]
        ),
        SessionTable(
            "An attempt by the user does not increase the next delay",
            typed(reconnects: true),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .finished(), "retry in 0.5", "reconnect at 1.5"), .init(1.5, .fired(.reconnect), "connect"),
                .init(2, .connectFailed(.unavailable), "retry in 1", "reconnect at 3"),
                .init(2.1, .userReconnects, "connect"),
                .init(2.2, .connectFailed(.unavailable), "retry in 1", "reconnect at 3.2"),
                .init(2.3, .userReconnects, "connect"),
                .init(2.4, .connectFailed(.unavailable), "retry in 1", "reconnect at 3.4"),
                .init(3.4, .fired(.reconnect), "connect"),
                .init(4, .connectFailed(.unavailable), "retry in 2", "reconnect at 6"),
            ]
        ),
        SessionTable(
            "The user reconnects before the next attempt",
            typed(reconnects: true),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .finished(), "retry in 0.5", "reconnect at 1.5"), .init(1.2, .userReconnects, "connect"),
                .init(1.3, .connected), .init(1.5, .fired(.reconnect)),
            ]
        ),
        SessionTable(
            "Quitting overrides a request to reconnect",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .userReconnects, "close soon"),
                .init(1, .leave(.success), "close soon"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(), "end 0"),
            ]
        ),
    ]

    static let serverEnds = [
        SessionTable(
            "A close by the server does not end the session, which later exits with the status of the connection",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .closedByServer(.internalError), "finish"),
                .init(1, .finished(), "disconnected 2"), .init(2, .leave(.success), "end 2"),
            ]
        ),
        SessionTable(
            "A close by the server with 1000 is a success",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .closedByServer(.normalClosure), "finish"),
                .init(1, .finished(), "disconnected 0"), .init(2, .userCloses, "end 0"),
            ]
        ),
        SessionTable(
            "A failed attempt does not change the status of the previous connection",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .finished(), "disconnected 74"), .init(2, .userReconnects, "connect"),
                .init(3, .connectFailed(.unavailable), "disconnected 69"), .init(4, .userReconnects, "connect"),
                .init(5, .leave(.success), "cancel", "end 74"),
            ]
        ),
        SessionTable(
            "A new connection resets the status of the previous one",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .finished(), "disconnected 74"), .init(2, .userReconnects, "connect"), .init(3, .connected),
                .init(4, .userCloses, "close"), .init(4, .closedByUs, "finish"), .init(4, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "A signal at the disconnected prompt has its own status",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .finished(), "disconnected 74"), .init(2, .leave(.signal(2)), "end 130"),
            ]
        ),
        SessionTable(
            "Quitting while the last messages are written takes effect immediately",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .leave(.success), "end 0"), .init(1, .finished()),
            ]
        ),
        SessionTable(
            "A connection that is dead after a ping leaves the session disconnected",
            SessionPolicy(pings: (seconds(10), seconds(3)), isTyped: true, staysWhenDisconnected: true),
            [
                .init(0, .start, "connect"), .init(0, .connected, "ping at 10"),
                .init(10, .fired(.ping), "ping", "pong at 13"), .init(13, .fired(.pong), "abort"),
                .init(13, .lost, "finish"), .init(13, .finished(), "disconnected 75"),
                .init(14, .leave(.success), "end 75"),
            ]
        ),
        SessionTable(
            "Reaching the limit of silence ends the session",
            SessionPolicy(silenceLimit: seconds(5), isTyped: true, staysWhenDisconnected: true),
            [
                .init(0, .start, "connect"), .init(0, .connected, "silence at 5"),
                .init(5, .fired(.silence), "close soon"), .init(5, .closedByUs, "finish"),
                .init(5, .finished(), "end 75"),
            ]
        ),
        SessionTable(
            "A full disk ends the session",
            typed(),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .lost, "finish"),
                .init(1, .outputFailed(isBrokenPipe: false)), .init(1, .finished(), "end 74"),
            ]
        ),
        SessionTable(
            "With --exit the session ends with its connection",
            typed(stays: false),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .closedByServer(.internalError), "finish"),
                .init(1, .finished(), "end 2"),
            ]
        ),
    ]
}
