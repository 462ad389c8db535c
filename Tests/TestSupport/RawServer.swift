import NIOCore
import NIOPosix
import Synchronization
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A TCP server on loopback with scripted clients, which does not use the WebSocket code under test to send.
public enum RawServer {
    /// The time limit for a script after `body` has returned, generous for a busy machine.
    private static let patience = Duration.seconds(10)

    /// Serves clients one after another while `body` runs, and the last one until its script ends.
    ///
    /// - Parameters:
    ///   - host: the loopback address to listen on.
    ///   - script: a closure that serves a client. The connection is closed when it returns.
    ///   - body: a closure that receives the port.
    /// - Returns: the result of `body`.
    /// - Throws: the errors of `body`.
    public static func run<Result: Sendable>(
        host: String = "127.0.0.1",
        _ script: @escaping @Sendable (RawClient) async throws -> Void,
        _ body: @Sendable (Int) async throws -> Result
    ) async throws -> Result {
        let accepted = Accepted()
        defer { accepted.close() }
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .bind(host: host, port: 0) { channel in
                accepted.add(channel)
                return channel.eventLoop.makeSucceededFuture(channel)
            }
        let port = server.channel.localAddress?.port ?? 0
        let isServing = Serving()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.executeThenClose { clients in
                    for try await channel in clients {
                        isServing.set(true)
                        defer { isServing.set(false) }
                        guard let client = try? await open(channel) else { continue }
                        // A client that disconnects early ends its script; the test checks the client's side.
                        try? await client.executeThenClose { inbound, outbound in
                            try await script(RawClient(inbound: inbound, outbound: outbound, channel: client.channel))
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            let result = try await body(port)
            let end = ContinuousClock.now + patience
            while isServing.get(), .now < end { try await Task.sleep(for: .milliseconds(5)) }
            return result
        }
    }

    /// Starts reading from a client when its turn comes. An asynchronous channel that is never consumed, because the
    /// test has ended, would trap.
    private static func open(_ channel: any Channel) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await channel.eventLoop.submit {
            let client = try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
            try channel.syncOptions?.setOption(.autoRead, value: true)
            return client
        }.get()
    }

    /// All accepted clients, including those that have not been served yet.
    private final class Accepted: Sendable {
        private let channels = Mutex<[any Channel]>([])

        func add(_ channel: any Channel) { channels.withLock { $0.append(channel) } }
        func close() { channels.withLock { for channel in $0 { channel.close(promise: nil) } } }
    }

    /// Whether a script is running.
    private final class Serving: Sendable {
        private let value = Mutex(false)

        func set(_ isServing: Bool) { value.withLock { $0 = isServing } }
        func get() -> Bool { value.withLock { $0 } }
    }
}

/// The server's end of a connection.
public final class RawClient {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private var received = ByteBuffer()

    init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        channel: any Channel
    ) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
        self.channel = channel
    }

    /// An error for a client that disconnected before all expected bytes arrived.
    public struct EndOfStream: Error {}

    /// Reads the client's request up to and including the empty line.
    public func readRequest() async throws -> String {
        while true {
            let text = String(buffer: received)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let request = String(text[..<end.upperBound])
                received.moveReaderIndex(forwardBy: request.utf8.count)
                return request
            }
            try await readMore()
        }
    }

    /// Reads the request and sends a valid 101 response.
    ///
    /// - Parameters:
    ///   - headers: additional header lines, each with its line end.
    ///   - bytes: bytes to send in the same segment as the response.
    /// - Returns: the request.
    /// - Throws: `EndOfStream`.
    @discardableResult
    public func upgrade(headers: String = "", then bytes: [UInt8] = []) async throws -> String {
        let request = try await readRequest()
        let answer =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(Self.acceptKey(for: request))\r\n\(headers)\r\n"
        try await write(Array(answer.utf8) + bytes)
        return request
    }

    /// Returns the `Sec-WebSocket-Accept` value for a request.
    public static func acceptKey(for request: String) -> String {
        let line = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key:") }
        return AcceptKey.accept(for: line.map { String($0.dropFirst("sec-websocket-key: ".count)) } ?? "")
    }

    /// Sends bytes in one segment.
    public func write(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Sends text in one segment.
    public func write(_ text: String) async throws {
        try await write(Array(text.utf8))
    }

    /// Reads one frame from the client.
    ///
    /// - Returns: the first byte (FIN, reserved bits and opcode) and the unmasked payload.
    /// - Throws: `EndOfStream`.
    public func readFrame() async throws -> (first: UInt8, payload: [UInt8]) {
        let head = try await read(2)
        var length = Int(head[1] & 0x7F)
        if length == 126 { length = try await read(2).reduce(0) { $0 << 8 | Int($1) } }
        if length == 127 { length = try await read(8).reduce(0) { $0 << 8 | Int($1) } }
        guard head[1] & 0x80 != 0 else { return (head[0], try await read(length)) }
        let key = try await read(4)
        return (head[0], try await read(length).enumerated().map { $1 ^ key[$0 % 4] })
    }

    /// Reads frames up to a Close frame.
    ///
    /// - Returns: the payload of the Close frame.
    /// - Throws: `EndOfStream`.
    public func readToClose() async throws -> [UInt8] {
        while true {
            let frame = try await readFrame()
            if frame.first == 0x88 { return frame.payload }
        }
    }

    /// Reads exactly `count` bytes.
    public func read(_ count: Int) async throws -> [UInt8] {
        while received.readableBytes < count { try await readMore() }
        return received.readBytes(length: count) ?? []
    }

    /// Closes the sending side, so that the client sees the end of the stream.
    public func endOutput() async throws {
        try await channel.close(mode: .output)
    }

    /// Stops reading from the client.
    public func stopReading() async throws {
        try await channel.setOption(.autoRead, value: false).get()
    }

    /// Waits until the client has closed the connection.
    public func waitForEnd() async {
        while let _ = try? await inbound.next() {}
    }

    /// Resets the connection, as a crash would.
    public func reset() async throws {
        try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.close()
    }

    private func readMore() async throws {
        guard let buffer = try await inbound.next() else { throw EndOfStream() }
        received.writeImmutableBuffer(buffer)
    }
}

/// Encodes a server's frames: unmasked, with minimal lengths.
public enum ServerFrame {
    /// Returns a text message.
    public static func text(_ text: String) -> [UInt8] { frame(0x81, Array(text.utf8)) }
    /// Returns a binary message.
    public static func binary(_ bytes: [UInt8]) -> [UInt8] { frame(0x82, bytes) }
    /// Returns a ping.
    public static func ping(_ text: String) -> [UInt8] { frame(0x89, Array(text.utf8)) }
    /// Returns a pong.
    public static func pong(_ text: String) -> [UInt8] { frame(0x8A, Array(text.utf8)) }

    /// Returns a Close frame, without a payload if `code` is nil.
    public static func close(_ code: UInt16?, _ reason: String = "") -> [UInt8] {
        guard let code else { return frame(0x88, []) }
        return frame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason.utf8)
    }

    /// Returns a frame of any kind.
    public static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length: [UInt8] =
            switch payload.count {
            case ...125: [UInt8(payload.count)]
            case ...0xFFFF: [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
            default: [127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
            }
        return [first] + length + payload
    }
}
