import MessageText
import WebSocketTransport
import WebSocketProtocol

/// Execution of statements that expect pings, pongs and the end of the connection.
extension TestRun {
    func expectPing(_ data: String?, _ peer: ScriptPeer, _ statement: Statement) async throws(TestFailure) {
        let found = await peer.inbox.take(within: timeout, on: loop) { content -> Bool? in
            if let index = content.pings.firstIndex(where: { data == nil || $0 == data.map { Array($0.utf8) } }) {
                content.pings.removeSubrange(...index)
                return true
            }
            return content.ending == nil ? nil : false
        }
        guard found != true else { return }
        let what = data.map { "no ping \"\($0)\"" } ?? "no ping"
        throw failure(statement, await missing(what, within: timeout, peer))
    }

    func expectPong(
        within limit: Duration,
        _ peer: inout ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        guard let ping = peer.pings.popLast() else {
            throw failure(statement, "expected a ping before this pong")
        }
        // A pong also answers all earlier pings (RFC 6455, section 5.5.3).
        peer.pings = []
        let found = await peer.inbox.take(within: limit, on: loop) { content -> Bool? in
            if let index = content.pongs.firstIndex(of: ping) {
                content.pongs.removeSubrange(...index)
                return true
            }
            return content.ending == nil ? nil : false
        }
        if found != true { throw failure(statement, await missing("no pong", within: limit, peer)) }
    }

    private func missing(_ what: String, within limit: Duration, _ peer: ScriptPeer) async -> String {
        let ending = await peer.inbox.take(within: .zero, on: loop) { $0.ending }
        return what + (ending.map { ": \(Self.words($0))" } ?? " within \(Seconds.words(limit))")
    }

    func expectClose(
        _ code: CloseCode?,
        _ reason: String?,
        _ peer: ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        let end = ContinuousClock.now + timeout
        while true {
            switch await next(within: max(.zero, end - .now), peer) {
            // The peer may have sent messages before it received our Close.
            case .message where peer.hasClosed && .now < end: continue
            case .message(let message) where !peer.hasClosed:
                throw failure(
                    statement,
                    "expected the connection to close, but received a message",
                    ["+ \(Excerpt.of(message))"]
                )
            case .ending(let ending):
                let (received, text) = try Self.close(ending, failure(statement, Self.words(ending)))
                guard code == nil || code == received, reason == nil || reason == text else {
                    let expected = [code.map { "\($0.rawValue) \($0.name)" }, reason.map { "\"\($0)\"" }]
                    let words = "\(received.rawValue) \(received.name)" + (text.isEmpty ? "" : " \"\(text)\"")
                    throw failure(
                        statement,
                        "the connection closed with a different code or reason",
                        ["- \(expected.compactMap { $0 }.joined(separator: " "))", "+ \(words)"]
                    )
                }
                return
            case .message, nil:
                throw failure(statement, "the connection did not close within \(Seconds.words(timeout))")
            }
        }
    }

    /// Returns the close code and reason; 1005 means no code and 1006 means no Close (RFC 6455, section 7.4.1).
    private static func close(
        _ ending: CloseOutcome,
        _ otherwise: TestFailure
    ) throws(TestFailure) -> (CloseCode, reason: String) {
        switch ending {
        case .closed(let frame, _): return (frame.code ?? .noStatusReceived, frame.reason)
        case .lost: return (.abnormalClosure, "")
        case .violation, .closeTimedOut: throw otherwise
        }
    }
}
