import NIOCore
import NIOHTTP1
import NIOPosix
import ProcessSupport
import TestSupport
import Testing
import WebSocketTransport

/// The opening handshake against a server that does exactly what a row says.
@Suite(.fewAtATime) struct UpgradeTests {
    private static let good = [
        "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: ACCEPT",
    ]

    private static func answer(_ lines: [String]) -> String {
        lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// Connects to a server that answers with these lines, ACCEPT standing for the right key.
    private func connect(answering lines: [String], _ options: ConnectionConfiguration = ConnectionConfiguration())
        async throws
    {
        try await connect(options) { client in
            let key = RawClient.acceptKey(for: try await client.readRequest())
            try await client.write(Self.answer(lines).replacing("ACCEPT", with: key))
            await client.waitForEnd()
        }
    }

    /// Connects to a server that follows a script.
    private func connect(
        _ options: ConnectionConfiguration = ConnectionConfiguration(),
        to script: @escaping @Sendable (RawClient) async throws -> Void
    ) async throws {
        try await RawServer.run(script) { port in
            let dialer = Dialer(group: MultiThreadedEventLoopGroup.singleton, options: options)
            try await dialer.withConnection(to: WebSocketURL("ws://127.0.0.1:\(port)/")) { $0.abort() }
        }
    }

    @Test(
        "An answer as RFC 6455 has it is accepted",
        arguments: [
            good,
            good + ["Server: x", "Date: today"],
            [good[0], "upgrade: WebSocket", "CONNECTION: keep-alive, upgrade", good[3]],
            ["HTTP/1.1 101 ", good[1], good[2], good[3]],
        ]
    )
    func accepted(lines: [String]) async throws {
        try await connect(answering: lines)
    }

    @Test(
        "A 101 that breaks a rule is refused, and the rule is told",
        arguments: [
            (["HTTP/1.1 101 x", "Upgrade: h2c", good[2], good[3]], "Upgrade header is \"h2c\""),
            ([good[0], good[1], good[2]], "Accept header is missing"),
            ([good[0], good[1], good[2], "Sec-WebSocket-Accept: bm9wZQ=="], "Accept header is \"bm9wZQ==\""),
            (good + ["Sec-WebSocket-Accept: ACCEPT"], "Accept header occurs 2 times"),
            (good + ["Sec-WebSocket-Protocol: chat"], "Protocol header is \"chat\""),
            (good + ["Sec-WebSocket-Extensions: x-y"], "\"x-y\""),
        ]
    )
    func violation(lines: [String], words: String) async throws {
        let error = await #expect(throws: ConnectError.self) { try await connect(answering: lines) }
        guard case .invalidUpgrade(_, let violation) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(violation.description.contains(words), "\(violation)")
    }

    @Test("A subprotocol that was offered is accepted, another is refused", arguments: ["b", "c"])
    func subprotocol(chosen: String) async throws {
        var options = ConnectionConfiguration()
        options.subprotocols = ["a", "b"]
        let lines = Self.good + ["Sec-WebSocket-Protocol: \(chosen)"]
        if chosen == "b" {
            try await connect(answering: lines, options)
        } else {
            await #expect(throws: ConnectError.self) { try await connect(answering: lines, options) }
        }
    }

    @Test(
        "A refusal keeps status, headers and the start of the body",
        arguments: [
            ["HTTP/1.1 401 Unauthorized", "Content-Length: 6", "", "no key"],
            ["HTTP/1.1 503 Busy", "Transfer-Encoding: chunked", "", "6", "no key", "0", ""],
            ["HTTP/1.0 404 Not Found", "Connection: close", "Content-Length: 6", "", "no key"],
        ]
    )
    func refusal(lines: [String]) async throws {
        let error = await #expect(throws: ConnectError.self) { try await connect(answering: lines) }
        guard case .refused(_, let refusal) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(lines[0].contains("\(refusal.response.status.code)"))
        #expect(String(buffer: refusal.body) == "no key")
    }

    @Test("A body without end is cut, not awaited")
    func endlessBody() async throws {
        let error = await #expect(throws: ConnectError.self) {
            try await connect(answering: ["HTTP/1.1 500 Oops", "", String(repeating: "x", count: 10_000)])
        }
        guard case .refused(_, let refusal) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(refusal.body.readableBytes == Refusal.maximumBodySize)
    }

    @Test("Something that is not HTTP is told from a server that ends the connection")
    func notHTTP() async throws {
        let error = await #expect(throws: ConnectError.self) {
            try await connect(answering: ["SSH-2.0-OpenSSH_9.2"])
        }
        guard case .unreadableAnswer(_, .notHTTP("SSH-2.0-OpenSSH_9.2")) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let early = await #expect(throws: ConnectError.self) { try await connect { _ in } }
        guard case .endedEarly = early else {
            Issue.record("\(String(describing: early))")
            return
        }
    }

    @Test("A server that accepts and never answers is given up at the time limit")
    func silentServer() async throws {
        var options = ConnectionConfiguration()
        options.connectTimeout = .milliseconds(50)
        let limited = options
        let error = await #expect(throws: ConnectError.self) {
            try await connect(limited) { client in await client.waitForEnd() }
        }
        guard case .timedOut = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("The request has the handshake's headers, the user's replacing those of the same name")
    func request() async throws {
        var options = ConnectionConfiguration()
        options.headers = [("X-One", "1"), ("x-two", "2"), ("Host", "other.example"), ("User-Agent", "")]
        options.subprotocols = ["a", "b"]
        let request: String = try await withCheckedThrowingContinuation { continuation in
            Task { [options] in
                try? await RawServer.run { client in
                    continuation.resume(returning: try await client.upgrade())
                } _: { port in
                    let dialer = Dialer(group: MultiThreadedEventLoopGroup.singleton, options: options)
                    let url = try WebSocketURL("ws://user:pass@127.0.0.1:\(port)/p?q=1")
                    try await dialer.withConnection(to: url) { connection in
                        for try await inbound in connection.inbound where inbound.outcome != nil { break }
                    }
                }
            }
        }
        let lines = request.split(separator: "\r\n").map { $0.lowercased() }
        #expect(lines.first == "get /p?q=1 http/1.1")
        for line in [
            "host: other.example", "upgrade: websocket", "connection: upgrade", "sec-websocket-version: 13",
            "sec-websocket-protocol: a, b", "authorization: basic dxnlcjpwyxnz", "x-one: 1", "x-two: 2",
        ] {
            #expect(lines.filter { $0 == line }.count == 1, "\(line) in \(request)")
        }
    }
}
