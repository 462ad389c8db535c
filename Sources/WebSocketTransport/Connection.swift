public import NIOCore
import Synchronization
public import WebSocketProtocol

/// A WebSocket connection, open until its scope ends.
///
/// Batches go both ways with back pressure: `send` returns when the system has taken the bytes, and a server is read
/// no faster than its `inbound` stream is. Pings and Close frames are answered without the caller.
public final class Connection: Sendable {
    /// What the opening handshake came to.
    public let handshake: Handshake
    /// What comes from the peer, in order. The last inbound has an `ending`; there is only one reader.
    public let inbound: InboundStream
    private let channel: any Channel
    private let handler: NIOLoopBound<EndpointHandler>
    private let sharedStatistics: SharedStatistics
    private let posted = Mutex((bytes: 0, failed: 0))

    private init(_ channel: MessageChannel, _ handshake: Handshake, _ statistics: SharedStatistics) {
        self.handshake = handshake
        self.channel = channel.channel
        inbound = channel.inbound
        handler = channel.handler
        sharedStatistics = statistics
    }

    /// The event loop that carries the connection.
    public var eventLoop: any EventLoop { channel.eventLoop }

    /// What was carried so far.
    public var statistics: Statistics { sharedStatistics.current }

    /// Sends messages, pings and pongs, in order; returns when the system has taken them.
    ///
    /// - Parameter batch: what to send; the payloads of text must be UTF-8.
    /// - Throws: `SendError`, or what the system says of a transport that broke.
    public func send(_ batch: MessageBatch) async throws {
        try await write(batch)?.get()
    }

    /// Begins to send messages, pings and pongs, in order.
    ///
    /// - Parameter batch: what to send; the payloads of text must be UTF-8.
    /// - Returns: nil when the system has taken them, which it can do at once on the event loop only; else what succeeds
    ///   when it has, and fails with `SendError` or what the system says of a transport that broke.
    public func write(_ batch: MessageBatch) -> EventLoopFuture<Void>? {
        guard eventLoop.inEventLoop else {
            return eventLoop.flatSubmit { [self] in write(batch) ?? eventLoop.makeSucceededVoidFuture() }
        }
        do {
            return try handler.value.send(batch)
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }

    /// Sends messages, pings and pongs, in order, without waiting: for who sends to many, and must not wait for the slowest.
    /// What the peer does not take stays in memory: `bytesPosted` tells how much that is.
    ///
    /// - Parameter batch: what to send; the payloads of text must be UTF-8. It is not sent when the connection is closing.
    public func post(_ batch: MessageBatch) {
        let size = batch.footprint
        let messages = batch.messageCount
        posted.withLock { $0.bytes += size }
        (write(batch) ?? eventLoop.makeSucceededVoidFuture()).whenComplete { [self] result in
            posted.withLock { posted in
                posted.bytes -= size
                if case .failure = result { posted.failed += messages }
            }
        }
    }

    /// The size in memory of the batches that were handed to `post` and that the system has not taken yet.
    public var bytesPosted: Int { posted.withLock { $0.bytes } }

    /// The messages that were handed to `post` and could not be sent, or not all of them, for the connection had ended.
    public var messagesNotSent: Int { posted.withLock { $0.failed } }

    /// The bytes that were handed to `send` and that the system has not taken yet, as they go over the wire. To be asked for
    /// on the event loop.
    public var bytesPending: Int { handler.value.bytesPending }

    /// Begins the closing handshake; the ending comes as the last inbound. Without effect when it has begun already.
    ///
    /// - Parameters:
    ///   - frame: what the Close frame says.
    ///   - limit: the time after which the transport is ended whatever still comes; nil leaves it to `closeTimeout`, which
    ///     a peer that still sends does not pass.
    public func close(_ frame: CloseFrame, within limit: TimeAmount? = nil) {
        if eventLoop.inEventLoop {
            handler.value.close(frame, within: limit)
        } else {
            eventLoop.execute { [handler] in handler.value.close(frame, within: limit) }
        }
    }

    /// Ends the transport at once, without a closing handshake.
    public func abort() {
        channel.close(promise: nil)
    }

    /// Waits until the transport has ended: soon after an ending has arrived.
    public func transportEnded() async {
        try? await channel.closeFuture.get()
    }

    /// Runs the scope of a connection over a channel from `UpgradePipeline`; afterwards the transport is closed.
    static func use<Result>(
        _ channel: MessageChannel,
        _ handshake: Handshake,
        _ statistics: SharedStatistics,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Connection) async throws -> Result
    ) async throws -> Result {
        let connection = Connection(channel, handshake, statistics)
        do {
            let result = try await body(connection)
            await connection.end()
            return result
        } catch {
            await connection.end()
            throw error
        }
    }

    private func end() async {
        abort()
        await transportEnded()
    }
}

extension Connection {
    /// Bytes read at once: large enough that a hop to the reader is paid for many messages.
    private static let readSize = 256 << 10
    /// How every transport that carries messages reads and buffers.
    static func setOptions(_ channel: any Channel) throws {
        let allocator = AdaptiveRecvByteBufferAllocator(minimum: 4 << 10, initial: 64 << 10, maximum: readSize)
        try channel.syncOptions?.setOption(.recvAllocator, value: allocator)
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }
}
