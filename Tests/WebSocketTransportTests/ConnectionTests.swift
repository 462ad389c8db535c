import NIOCore
import NIOPosix
import ProcessSupport
import Synchronization
import TestSupport
import Testing
import WebSocketTransport
import WebSocketProtocol

/// Tests of an open connection to a server that is scripted byte by byte.
@Suite(.fewAtATime) struct ConnectionTests {
    private struct Received: Sendable {
        var messages: [String] = []
        var ending: CloseOutcome?
    }

    /// Collects everything received from a scripted server.
    private func receive(
        _ options: ConnectionConfiguration = ConnectionConfiguration(),
        from script: @escaping @Sendable (RawClient) async throws -> Void,
        while body: @escaping @Sendable (Connection) async throws -> Void = { _ in }
    ) async throws -> Received {
        try await RawServer.run(script) { port in
            let dialer = Dialer(group: MultiThreadedEventLoopGroup.singleton, options: options)
            return try await dialer.withConnection(to: WebSocketURL("ws://127.0.0.1:\(port)/")) { connection in
                try await body(connection)
                var received = Received()
                for try await inbound in connection.inbound {
                    received.messages += inbound.batch.entries.map(inbound.batch.string)
                    received.ending = inbound.outcome
                    if inbound.outcome != nil { break }
                }
                return received
            }
        }
    }

    @Test("Messages and a Close frame in the same segment as the 101 response are all received", arguments: [1, 2, 50])
    func sameSegment(count: Int) async throws {
        let texts = (0..<count).map { "message \($0)" }
        let received = try await receive { client in
            try await client.upgrade(then: texts.flatMap(ServerFrame.text) + ServerFrame.close(1000, "done"))
            let close = try await client.readFrame()
            #expect(close.first == 0x88)
        }
        #expect(received.messages == texts)
        guard case .closed(let frame, answering: nil) = received.ending else {
            Issue.record("\(String(describing: received.ending))")
            return
        }
        #expect(frame == (try CloseFrame(code: .normalClosure, reason: "done")))
    }

    @Test("A response that arrives byte by byte, followed by frames, is parsed like any other")
    func trickle() async throws {
        let received = try await receive { client in
            let key = RawClient.acceptKey(for: try await client.readRequest())
            let answer =
                "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(key)\r\n\r\n"
            for byte in Array(answer.utf8) + ServerFrame.text("hi") + ServerFrame.close(nil) {
                try await client.write([byte])
            }
            _ = try await client.readFrame()
        }
        #expect(received.messages == ["hi"])
    }

    @Test("A handler on the event loop receives everything in order, and nothing while paused")
    func handler() async throws {
        let texts = (0..<40).map { "message \($0)" }
        let (batches, continuation) = AsyncStream.makeStream(of: Inbound.self)
        let received = try await RawServer.run { client in
            try await client.upgrade(then: texts.flatMap(ServerFrame.text) + ServerFrame.close(1000))
            _ = try await client.readFrame()
        } _: { port in
            let dialer = Dialer(group: MultiThreadedEventLoopGroup.singleton, options: ConnectionConfiguration())
            return try await dialer.withConnection(to: WebSocketURL("ws://127.0.0.1:\(port)/")) { connection in
                try await connection.eventLoop.submit {
                    connection.inbound.isPaused = true
                    connection.inbound.forEach { continuation.yield($0) }
                    connection.inbound.isPaused = false
                }.get()
                var received = Received()
                for await inbound in batches {
                    received.messages += inbound.batch.entries.map(inbound.batch.string)
                    received.ending = inbound.outcome
                    if inbound.outcome != nil { break }
                }
                return received
            }
        }
        #expect(received.messages == texts)
    }

    @Test("A connection that ends without a Close frame is lost", arguments: [false, true])
    func lost(byReset: Bool) async throws {
        let received = try await receive { client in
            try await client.upgrade(then: ServerFrame.text("last"))
            // The client's response shows that it has received the message.
            _ = try await client.readFrame()
            if byReset { try await client.reset() }
        } while: { connection in
            try await connection.send(MessageBatch(text: "go"))
        }
        guard case .lost(let reason, whileClosing: false) = received.ending else {
            Issue.record("\(String(describing: received.ending))")
            return
        }
        #expect((reason != nil) == byReset)
    }

    private static let cutFrames = [
        ServerFrame.text("Grüße"), ServerFrame.binary([UInt8](repeating: 7, count: 130)), ServerFrame.ping("ping"),
        ServerFrame.pong("pong"), ServerFrame.close(1000, "bye"), [0x01, 1, 0x61] + [0x80, 2, 0x62, 0x63],
        [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0] + [UInt8](repeating: 0, count: 8),
    ]

    @Test("A connection that ends within a frame is lost", arguments: cutFrames)
    func cut(frame: [UInt8]) async throws {
        for count in 0..<frame.count {
            let received = try await receive { client in
                try await client.upgrade(then: ServerFrame.text("whole") + frame.prefix(count))
            }
            #expect(received.messages == ["whole"], "cut at \(count)")
            guard case .lost(_, whileClosing: false) = received.ending else {
                Issue.record("cut at \(count): \(String(describing: received.ending))")
                return
            }
        }
    }

    @Test("A server that does not respond to the Close frame times out")
    func closeTimeout() async throws {
        var options = ConnectionConfiguration()
        options.closeTimeout = .milliseconds(50)
        let received = try await receive(options) { client in
            try await client.upgrade()
            await client.waitForEnd()
        } while: { connection in
            connection.close(.normal)
        }
        guard case .closeTimedOut = received.ending else {
            Issue.record("\(String(describing: received.ending))")
            return
        }
    }

    @Test("A violation is answered with its close code, and earlier messages are delivered")
    func violation() async throws {
        let received = try await receive { client in
            try await client.upgrade(then: ServerFrame.text("good") + ServerFrame.frame(0x83, []))
            let close = try await client.readFrame()
            #expect(close.first == 0x88)
            #expect(close.payload.prefix(2) == [0x03, 0xEA])
        }
        #expect(received.messages == ["good"])
        guard case .violation(.reservedOpcode(3)) = received.ending else {
            Issue.record("\(String(describing: received.ending))")
            return
        }
    }

    @Test("Pings are answered while the reader is idle")
    func pingsWithoutReader() async throws {
        let received = try await receive { client in
            try await client.upgrade(then: ServerFrame.ping("1"))
            #expect(try await client.readFrame().payload == Array("1".utf8))
            // The client starts reading only now.
            try await client.write(ServerFrame.text("begin") + ServerFrame.close(1000))
            _ = try await client.readFrame()
        }
        #expect(received.messages == ["1", "begin"])
    }

    @Test("A server that does not read blocks the sender, and nothing is lost")
    func backPressure() async throws {
        let message = String(repeating: "x", count: 1 << 20)
        let count = 32
        let (began, begin) = AsyncStream.makeStream(of: Void.self)
        let received = try await receive { client in
            try await client.upgrade()
            for await _ in began { break }
            // Each frame has a header of 10 bytes and a masking key of 4.
            _ = try await client.read(count * (14 + message.utf8.count))
            try await client.write(ServerFrame.close(1000))
            _ = try await client.readFrame()
        } while: { connection in
            var batch = MessageBatch()
            for _ in 0..<count { batch.append(.text, message.utf8) }
            let sending = Task { [batch] in try await connection.send(batch) }
            // 32 MiB exceed the system's buffers: the statistics count the messages, but `send` has not returned.
            // If the connection fails, they are never all counted.
            let end = ContinuousClock.now + .seconds(120)
            while connection.statistics.messagesSent < count, .now < end { try await Task.sleep(for: .milliseconds(5)) }
            begin.finish()
            try await sending.value
        }
        #expect(received.messages.isEmpty)
        guard case .closed = received.ending else {
            Issue.record("\(String(describing: received.ending))")
            return
        }
    }

    @Test("A server hears of a client before the client has its 101 response")
    func accepted() async throws {
        let count = Mutex(0)
        var options = Listener.Options()
        options.onAccept = { _ in count.withLock { $0 += 1 } }
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await Listener(host: "127.0.0.1", port: 0, group: group, options: options)
        // No task takes the clients yet, so that nothing else could count them.
        let dialer = Dialer(group: group, options: ConnectionConfiguration())
        for number in 1...5 {
            try await dialer.withConnection(to: WebSocketURL("ws://127.0.0.1:\(listener.port)/")) { connection in
                #expect(count.withLock { $0 } == number)
                connection.abort()
            }
        }
        let serving = Task { try await listener.run { $0.abort() } }
        listener.stopAccepting()
        try await serving.value
    }

    @Test("Sending after a Close frame is an error and does not lose the connection")
    func sendAfterClose() async throws {
        _ = try await receive { client in
            try await client.upgrade()
            _ = try await client.readFrame()
            try await client.write(ServerFrame.close(1000))
        } while: { connection in
            connection.close(.normal)
            await #expect(throws: SendError.notOpen) { try await connection.send(MessageBatch(text: "late")) }
        }
    }
}
