import NIOCore
import ProcessSupport
import TestScript
import Testing
import WebSocketProtocol

@testable import wsline

/// Tests of a session's decisions as tables of events and actions.
@Suite(.fewAtATime) struct SessionStateMachineTests {
    static func seconds(_ value: Double) -> Seconds { Seconds(value: value) }

    private static let limits = [
        SessionTable(
            "Reaching the message limit closes the connection once",
            SessionPolicy(messageLimit: 2),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(1)),
                .init(1, .received(5, shown: 1), "close soon"), .init(1, .received(5, shown: 0)),
                .init(1, .closedByUs, "finish"), .init(1, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "Not reaching the message limit is a failure",
            SessionPolicy(messageLimit: 2),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(1)),
                .init(1, .closedByServer(.normalClosure), "finish"), .init(1, .finished(), "end 1"),
            ]
        ),
        SessionTable(
            "Not reaching the message limit within the wait is a failure",
            SessionPolicy(replyWait: .fixed(seconds(1)), messageLimit: 1),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded(sent: 1), "replies at 1"),
                .init(1, .fired(.replies, sent: 1), "close"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(sent: 1), "end 1"),
            ]
        ),
        SessionTable(
            "The message limit does not hide why the connection ended",
            SessionPolicy(messageLimit: 1),
            [
                .init(0, .start, "connect"), .init(0, .connected),
                .init(1, .closedByServer(.internalError), "finish"), .init(1, .finished(), "end 2"),
            ]
        ),
        SessionTable(
            "Not reaching the message limit is not a failure after a broken pipe",
            SessionPolicy(messageLimit: 2),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(1)),
                .init(1, .outputFailed(isBrokenPipe: true), "close soon"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "A failure of the server after the message limit is ignored",
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
            "The time limit of the run includes connecting",
            SessionPolicy(timeLimit: (seconds(3), .uptimeNanoseconds(3_000_000_000))),
            [
                .init(0, .start, "timeLimit at 3", "connect"), .init(3, .fired(.timeLimit), "cancel", "end 75"),
                .init(4, .connected, "abort"),
            ]
        ),
        SessionTable(
            "The time limit of the run ends an open connection",
            SessionPolicy(timeLimit: (seconds(3), .uptimeNanoseconds(3_000_000_000))),
            [
                .init(0, .start, "timeLimit at 3", "connect"), .init(1, .connected),
                .init(3, .fired(.timeLimit), "close soon"), .init(3, .closedByUs, "finish"),
                .init(3, .finished(), "end 75"),
            ]
        ),
        SessionTable(
            "The time limit of the run ends the wait for blocked output",
            SessionPolicy(timeLimit: (seconds(3), .uptimeNanoseconds(3_000_000_000))),
            [
                .init(0, .start, "timeLimit at 3", "connect"), .init(1, .connected), .init(2, .lost, "finish"),
                .init(3, .fired(.timeLimit), "end 75"),
            ]
        ),
    ]

    private static let expectations = [
        SessionTable(
            "The connection closes once all expectations are met",
            SessionPolicy(expectations: 2, silenceLimit: seconds(5)),
            [
                .init(0, .start, "connect"), .init(0, .connected, "silence at 5"), .init(1, .received(1)),
                .init(1, .expectationsMet(left: 1)), .init(2, .received(1)),
                .init(2, .expectationsMet(left: 0), "close soon"), .init(2, .closedByUs, "finish"),
                .init(2, .finished(), "end 0"),
            ]
        ),
        SessionTable(
            "Only an expected message ends the silence",
            SessionPolicy(expectations: 1, silenceLimit: seconds(5)),
            [
                .init(0, .start, "connect"), .init(0, .connected, "silence at 5"), .init(4, .received(1)),
                .init(5, .fired(.silence), "close soon"), .init(5, .closedByUs, "finish"),
                .init(5, .finished(unmet: true), "end 1"),
            ]
        ),
        SessionTable(
            "An expectation that is unmet when the connection ends is a failure",
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
            "A broken pipe does not affect expectations",
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
            "A broken pipe is not a failure",
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
            "A full disk that is detected at the end is a failure",
            SessionPolicy(messageLimit: 1),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(1), "close soon"),
                .init(1, .closedByUs, "finish"), .init(1, .outputFailed(isBrokenPipe: false)),
                .init(1, .finished(), "end 74"),
            ]
        ),
        SessionTable(
            "Input that cannot be sent is a failure after the replies to earlier messages",
            SessionPolicy(replyWait: .fixed(seconds(1))),
            [
                .init(0, .start, "connect"), .init(0, .connected),
                .init(0, .inputEnded(.unsendableInput), "replies at 1"),
                .init(1, .fired(.replies, sent: 0), "close"), .init(1, .closedByUs, "finish"),
                .init(1, .finished(), "end 65"),
            ]
        ),
        SessionTable(
            "A failure to connect ends the session",
            SessionPolicy(),
            [.init(0, .start, "connect"), .init(0, .connectFailed(.unavailable), "end 69")]
        ),
        SessionTable(
            "A signal closes the connection, a second one aborts it",
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
                .init(0, .start, "connect"), .init(0, .connected), .init(0, .inputEnded()),
                .init(1, .closedByServer(code), "finish"), .init(1, .finished(), end),
            ]
        )
    }

    private static let unsent: [SessionTable] = [
        (SessionPolicy(), CloseCode?.none, ["end 74"]), (SessionPolicy(), .normalClosure, ["end 74"]),
        (SessionPolicy(), .goingAway, ["end 74"]), (SessionPolicy(), .policyViolation, ["end 2"]),
        (SessionPolicy(messageLimit: 1), .normalClosure, ["end 1"]),
        (SessionPolicy(messageLimit: 1), .policyViolation, ["end 2"]),
        (SessionPolicy(reconnect: try? ReconnectLimit("inf")), .normalClosure, ["end 74"]),
        (SessionPolicy(reconnect: try? ReconnectLimit("inf")), .policyViolation, ["end 2"]),
        (
            SessionPolicy(reconnect: try? ReconnectLimit("inf")), .internalError,
            ["retry in 0.5", "reconnect at 1.5"]
        ),
    ].map { policy, code, end in
        SessionTable(
            "A server that closes with \(code.map { "\($0.rawValue)" } ?? "no code") before input is sent, "
                + "\(policy.messageLimit == nil ? "" : "with a message limit, ")"
                + "\(policy.reconnect == nil ? "without" : "with") reconnecting",
            policy,
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .closedByServer(code), "finish"),
                .init(1, .finished(isUnsent: true), end),
            ]
        )
    }

    private static let openInput = [
        SessionTable(
            "A server that closes normally before the input ends is announced",
            SessionPolicy(replyWait: .untilQuiet(seconds(1))),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .closedByServer(.normalClosure), "finish"),
                .init(1, .finished(sent: 2), "input open", "end 0"),
            ]
        ),
        SessionTable(
            "Input that remains unsent once enough messages were received is no failure",
            SessionPolicy(messageLimit: 1),
            [
                .init(0, .start, "connect"), .init(0, .connected), .init(1, .received(1), "close soon"),
                .init(1, .closedByUs, "finish"), .init(1, .finished(isUnsent: true, sent: 2), "end 0"),
            ]
        ),
        SessionTable(
            "An unmet expectation determines the status, whether or not input is unsent",
            SessionPolicy(expectations: 1),
            [
                .init(0, .start, "connect"), .init(0, .connected),
                .init(1, .closedByServer(.policyViolation), "finish"),
                .init(1, .finished(unmet: true, isUnsent: true), "end 1"),
            ]
        ),
    ]

    @Test(
        "Each event produces the expected actions",
        arguments: [
            replies, untilQuiet, limits, expectations, ends, closeCodes, unsent, openInput, pings, reconnects, users,
            serverEnds,
        ].flatMap {
            $0
        }
    )
    func table(table: SessionTable) throws {
        try table.check()
    }
}
