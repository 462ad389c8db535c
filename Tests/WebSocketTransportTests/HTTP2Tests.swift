import NIOCore
import NIOHTTP1
import NIOPosix
import ProcessSupport
import TestSupport
import Testing
import WebSocketProtocol
import WebSocketTransport

/// Tests of WebSocket over HTTP/2 (RFC 8441): with a server that is scripted frame by frame, and of both ends together.
@Suite(.fewAtATime) struct HTTP2Tests {
    /// Returns a frame (RFC 9113, section 4.1).
    private static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt8 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF), type, flags, 0, 0, 0, stream] + payload
    }

    /// A SETTINGS frame with SETTINGS_ENABLE_CONNECT_PROTOCOL.
    private static let settings = frame(4, [0, 8, 0, 0, 0, 1])
    /// A HEADERS frame of the client's first stream with `:status: 200`, which is index 8 of the static table.
    private static let accepted = frame(1, flags: 4, stream: 1, [0x88])

    private static func dialer(_ configure: (inout ConnectionConfiguration) -> Void = { _ in }) -> Dialer {
        var options = ConnectionConfiguration()
        options.http2 = .priorKnowledge
        configure(&options)
        return Dialer(group: MultiThreadedEventLoopGroup.singleton, options: options)
    }

    /// Connects to a scripted server and returns all messages with the outcome.
    private func receive(
        from script: @escaping @Sendable (RawClient) async throws -> Void
    ) async throws -> (messages: [String], outcome: CloseOutcome?) {
        try await RawServer.run(script) { port in
            try await Self.dialer().withConnection(to: WebSocketURL("ws://127.0.0.1:\(port)/")) { connection in
                #expect(connection.handshake.response.version == HTTPVersion(major: 2, minor: 0))
                var messages: [String] = []
                for try await inbound in connection.inbound {
                    messages += inbound.batch.entries.map(inbound.batch.string)
                    if let outcome = inbound.outcome { return (messages, outcome) }
                }
                return (messages, nil)
            }
        }
    }

    /// Reads the client's frames up to one of a type and returns its flags and payload.
    private static func read(_ type: UInt8, from client: RawClient) async throws -> (flags: UInt8, payload: [UInt8]) {
        while true {
            let head = try await client.read(9)
            let payload = try await client.read(Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2]))
            if head[3] == type { return (head[4], payload) }
        }
    }

    /// Sends settings, and waits for the client's request.
    private static func start(_ client: RawClient) async throws {
        try await client.write(settings)
        _ = try await client.read(24)
        _ = try await read(1, from: client)
    }

    @Test(
        "A server that cannot be used over HTTP/2 is rejected for the right reason",
        arguments: [
            (Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), HTTP2Failure.notHTTP2),
            (frame(4), .noExtendedConnect),
            (frame(4, [0, 3, 0, 0, 0, 100]), .noExtendedConnect),
            (frame(4, [0, 8, 0, 0, 0, 0]), .noExtendedConnect),
            (frame(6, [0, 0, 0, 0, 0, 0, 0, 0]), .notHTTP2),
        ]
    )
    func unusable(bytes: [UInt8], failure: HTTP2Failure) async throws {
        await #expect {
            _ = try await receive { client in
                try await client.write(bytes)
                await client.waitForEnd()
            }
        } throws: { error in
            guard case ConnectError.http2(_, let found) = error else { return false }
            return found == failure
        }
    }

    @Test("A ws:// URL is rejected without prior knowledge, unless HTTP/2 is optional")
    func requiresTLS() async throws {
        await #expect {
            try await Self.dialer { $0.http2 = .always }.withConnection(to: WebSocketURL("ws://127.0.0.1:1/")) { _ in }
        } throws: { error in
            guard case ConnectError.http2(_, .requiresTLS) = error else { return false }
            return true
        }
        try await RawServer.run {
            try await $0.upgrade()
        } _: { port in
            try await Self.dialer { $0.http2 = .ifSupported }
                .withConnection(to: WebSocketURL("ws://127.0.0.1:\(port)/")) { $0.abort() }
        }
    }

    @Test(
        "Frames are received however DATA frames divide them, and END_STREAM ends the connection",
        arguments: [1, 9, 99]
    )
    func data(size: Int) async throws {
        let bytes = ServerFrame.text("hello") + ServerFrame.text("bye") + ServerFrame.close(1000)
        let received = try await receive { client in
            try await Self.start(client)
            try await client.write(Self.accepted)
            for start in stride(from: 0, to: bytes.count, by: size) {
                try await client.write(Self.frame(0, stream: 1, Array(bytes[start..<min(start + size, bytes.count)])))
            }
            try await client.write(Self.frame(0, flags: 1, stream: 1))
            await client.waitForEnd()
        }
        #expect(received.messages == ["hello", "bye"])
        guard case .closed(let frame, _) = received.outcome else {
            Issue.record("\(String(describing: received.outcome))")
            return
        }
        #expect(frame.code == .normalClosure)
    }

    @Test("Data in the same segment as the response is received")
    func sameSegment() async throws {
        let received = try await receive { client in
            try await Self.start(client)
            let data = Self.frame(0, flags: 1, stream: 1, ServerFrame.text("hi") + ServerFrame.close(1000))
            try await client.write(Self.accepted + data)
            await client.waitForEnd()
        }
        #expect(received.messages == ["hi"])
    }

    @Test(
        "A connection that ends without a Close frame is lost, and the reason is the server's",
        arguments: [
            (frame(0, flags: 1, stream: 1), nil as String?),
            (frame(3, stream: 1, [0, 0, 0, 8]), "CANCEL"),
            (frame(3, stream: 1, [0, 0, 0, 0xB]), "ENHANCE_YOUR_CALM"),
            (frame(7, [0, 0, 0, 0, 0, 0, 0, 2]), "INTERNAL_ERROR"),
            (frame(0, flags: 0, stream: 0, [1]), "HTTP/2 failed"),
        ]
    )
    func lost(bytes: [UInt8], words: String?) async throws {
        let received = try await receive { client in
            try await Self.start(client)
            try await client.write(Self.accepted + bytes)
            await client.waitForEnd()
        }
        guard case .lost(let reason, whileClosing: false) = received.outcome else {
            Issue.record("\(String(describing: received.outcome))")
            return
        }
        if let words { #expect(reason?.contains(words) == true) } else { #expect(reason == nil) }
    }

    // MARK: Both ends

    /// Runs an echo server.
    @discardableResult private func serving<Result: Sendable>(
        _ configure: (inout Listener.Options) -> Void = { _ in },
        _ body: @escaping @Sendable (WebSocketURL) async throws -> Result
    ) async throws -> Result {
        var options = Listener.Options()
        configure(&options)
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await Listener(host: "127.0.0.1", port: 0, group: group, options: options)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await listener.run { try await $0.echo() } }
            defer { tasks.cancelAll() }
            return try await body(WebSocketURL("ws://127.0.0.1:\(listener.port)/path"))
        }
    }

    @Test("Messages of all sizes pass in both directions, and both ends agree on the handshake")
    func echo() async throws {
        try await serving({ $0.subprotocols = ["b"] }) { url in
            let dialer = Self.dialer { $0.subprotocols = ["a", "b"] }
            try await dialer.withConnection(to: url) { connection in
                #expect(connection.handshake.subprotocol == "b")
                #expect(connection.handshake.deflate != nil)
                let batches = connection.inbound.makeAsyncIterator()
                for size in [0, 1, 125, 70_000, 3_000_000] {
                    let text = String(repeating: "x", count: size)
                    var batch = MessageBatch()
                    batch.append(.text, text.utf8)
                    try await connection.send(batch)
                    var received: [String] = []
                    while received.isEmpty, let inbound = try await batches.next() {
                        received = inbound.batch.entries.map(inbound.batch.string)
                    }
                    #expect(received == [text])
                }
            }
        }
    }

    @Test("A server that accepts HTTP/1.1 only rejects the preface of HTTP/2")
    func refusesPreface() async throws {
        await #expect(throws: ConnectError.self) {
            try await serving({ $0.acceptsHTTP2 = false }) { url in
                try await Self.dialer().withConnection(to: url) { _ in }
            }
        }
    }

    @Test("Connections of a pool are streams of one TCP connection, if nothing distinguishes them")
    func pool() async throws {
        try await serving { url in
            let group = MultiThreadedEventLoopGroup.singleton
            let pool = HTTP2Pool(on: group.next())
            var options = ConnectionConfiguration()
            options.http2 = .priorKnowledge
            var others = options
            others.addressFamily = .ipv4
            let dialer = Dialer(group: group, options: options, pool: pool)
            try await dialer.withConnection(to: url) { first in
                try await dialer.withConnection(to: url) { second in
                    #expect(first.handshake.stream == 1)
                    #expect(second.handshake.stream == 3)
                }
                try await Dialer(group: group, options: others, pool: pool).withConnection(to: url) { other in
                    #expect(other.handshake.stream == 1)
                }
                try await dialer.withConnection(to: url) { #expect($0.handshake.stream == 5) }
            }
            try await dialer.withConnection(to: url) { #expect($0.handshake.stream == 1) }
        }
    }

    @Test("A server rejects more clients than it may have with 503")
    func maximumClients() async throws {
        try await serving({ $0.maximumClients = 1 }) { url in
            try await Self.dialer().withConnection(to: url) { _ in
                await #expect {
                    try await Self.dialer().withConnection(to: url) { _ in }
                } throws: { error in
                    guard case ConnectError.refused(_, let refusal) = error else { return false }
                    return refusal.response.status == .serviceUnavailable
                }
            }
        }
    }

    @Test("A server rejects other origins with 403")
    func origin() async throws {
        await #expect {
            try await serving({ $0.allowedOrigins = ["https://a.example"] }) { url in
                try await Self.dialer { $0.headers = [("Origin", "https://b.example")] }.withConnection(to: url) { _ in
                }
            }
        } throws: { error in
            guard case ConnectError.refused(_, let refusal) = error else { return false }
            return refusal.response.status == .forbidden && refusal.body.readableBytes > 0
        }
    }
}
