import MessageText
import NIOHTTP1
import NIOCore
import WebSocketTransport

/// Execution of statements about the opening handshake.
extension TestRun {
    /// Checks the result of an opening handshake.
    ///
    /// - Throws: `TestFailure` if the condition is not met.
    mutating func perform(
        _ check: HandshakeCheck,
        _ peer: inout ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        switch check {
        case .refused(let status): try checkRefusal(status, peer, statement)
        case .certificateRejected:
            switch peer.inbox.connectError {
            case .certificateNotAccepted, .clientCertificateNotAccepted: break
            case let error: throw unexpectedOpening(error, "a rejected certificate", statement)
            }
        case .body(let pattern):
            guard case .refused(_, let refusal) = peer.inbox.connectError else {
                throw unexpectedOpening(peer.inbox.connectError, "a refusal with a body", statement)
            }
            let message = ScriptMessage(isText: true, payload: refusal.body)
            try await expect(message, try matcher(pattern, statement), .now + timeout, &peer, statement)
        case .header(let name, let pattern): try await checkHeader(name, pattern, peer, statement)
        case .open(let name):
            _ = try openConnection(peer, statement)
            if let name { try checkSubprotocol(name, peer, statement) }
        case .subprotocol(let name): try checkSubprotocol(name, peer, statement)
        case .compression(let isExpected):
            guard (try openConnection(peer, statement).handshake.deflate != nil) == isExpected else {
                let words = isExpected ? "is not compressed" : "is compressed (permessage-deflate)"
                throw failure(statement, "the connection \(words)")
            }
        }
    }

    /// Returns the open connection of a peer.
    ///
    /// - Throws: `TestFailure` if the server rejected it.
    func openConnection(_ peer: ScriptPeer, _ statement: Statement) throws(TestFailure) -> Connection {
        if let connection = peer.connection { return connection }
        guard let error = peer.inbox.connectError else { throw failure(statement, "the connection was not opened") }
        throw unexpectedOpening(error, "an open connection", statement)
    }

    private func unexpectedOpening(
        _ error: ConnectError?,
        _ expected: String,
        _ statement: Statement
    ) -> TestFailure {
        guard let error else {
            return failure(statement, "expected \(expected), but the server accepted the connection")
        }
        let explanation = Explanation(error)
        let reason = error.isAboutReachability ? "no server responded: " : ""
        var failure = failure(
            statement,
            "expected \(expected), but \(reason)\(explanation.message)",
            explanation.details
        )
        failure.isError = error.isAboutReachability
        return failure
    }

    private func checkRefusal(
        _ status: Int?,
        _ peer: ScriptPeer,
        _ statement: Statement
    ) throws(TestFailure) {
        let expected = "a refusal" + (status.map { " with status \($0)" } ?? "")
        switch peer.inbox.connectError {
        case .refused(_, let refusal) where status == nil || status == Int(refusal.response.status.code): return
        case .endedEarly where status == nil: return
        case let error: throw unexpectedOpening(error, expected, statement)
        }
    }

    private func checkSubprotocol(
        _ name: Template,
        _ peer: ScriptPeer,
        _ statement: Statement
    ) throws(TestFailure) {
        let expected = try text(name, statement)
        let chosen = try openConnection(peer, statement).handshake.subprotocol
        guard chosen == expected else {
            let received = chosen.map { "+ \(Excerpt.of($0))" } ?? "+ none"
            throw failure(
                statement,
                "the server chose a different subprotocol",
                ["- \(Excerpt.of(expected))", received]
            )
        }
    }

    private mutating func checkHeader(
        _ name: String,
        _ pattern: MessagePattern?,
        _ peer: ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        let headers: HTTPHeaders
        switch peer.inbox.connectError {
        case nil: headers = try openConnection(peer, statement).handshake.response.headers
        case .refused(_, let refusal): headers = refusal.response.headers
        case let error: throw unexpectedOpening(error, "a response with header fields", statement)
        }
        let values = headers[name].prefix(Self.headerLimit)
        guard !values.isEmpty else { throw failure(statement, "the response has no header field \(name)") }
        guard let pattern else { return }
        let matcher = try matcher(pattern, statement)
        let end = ContinuousClock.now + timeout
        var last: (words: String, lines: [String])?
        for value in values {
            let message = ScriptMessage(isText: true, payload: ByteBuffer(string: value))
            switch try await compare(message, matcher, end, statement) {
            case .matched, .abandoned: return
            case .differs(let words, let lines): last = (words, lines)
            }
        }
        let words = values.count == 1 ? "the header field \(name) differs" : "no header field \(name) matches"
        throw failure(statement, words, last?.lines ?? [])
    }

    /// The maximum number of header fields with the same name to compare.
    private static let headerLimit = 100
}
