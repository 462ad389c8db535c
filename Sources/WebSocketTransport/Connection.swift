public import NIOCore
import Synchronization
public import WebSocketProtocol

/// A WebSocket connection, which is closed when its scope ends.
///
/// Back pressure applies in both directions: `send` returns when the system has accepted the bytes, and the connection
/// reads no faster than the reader of `inbound`. It responds to pings and Close frames by itself.
public final class Connection: Sendable {
    /// The result of the opening handshake.
    public let handshake: Handshake
    /// The received batches, for a single reader. The last one has an `outcome`.
    public let inbound: InboundStream
    private let channel: any Channel
    private let handler: NIOLoopBound<EndpointHandler>
    private let sharedStatistics: SharedStatistics
    private let posted = Mutex((bytes: 0, failed: 0))

    /// Creates a connection over a channel from `UpgradePipeline`.
    init(_ channel: MessageChannel, _ handshake: Handshake, _ statistics: SharedStatistics) {
        self.handshake = handshake
        self.channel = channel.channel
        inbound = channel.inbound
        handler = channel.handler
        sharedStatistics = statistics
    }

    /// The event loop of the connection.
    public var eventLoop: any EventLoop { channel.eventLoop }

    /// The statistics of the connection so far.
    public var statistics: Statistics { sharedStatistics.current }

    /// Sends messages, pings and pongs in order, and returns when the system has accepted them.
    ///
    /// - Parameter batch: the messages, pings and pongs; the payload of text must be UTF-8.
    /// - Throws: `SendError`, or the system's error when the transport fails.
    public func send(_ batch: MessageBatch) async throws {
        try await write(batch)?.get()
    }

    /// Starts sending messages, pings and pongs in order.
    ///
    /// - Parameter batch: the messages, pings and pongs; the payload of text must be UTF-8.
    /// - Returns: nil when the system has accepted them already, which is possible only on the event loop. Otherwise a
    ///   future that succeeds when it has, and fails with `SendError` or the system's error.
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

    /// Queues messages, pings and pongs and returns immediately, so that a slow peer does not delay others.
    ///
    /// Unsent batches remain in memory; `bytesPosted` is their size.
    ///
    /// - Parameter batch: the messages, pings and pongs; the payload of text must be UTF-8. It is dropped when the
    ///   connection is closing.
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

    /// The size in memory of the batches that were passed to `post` and are still unsent, in bytes.
    public var bytesPosted: Int { posted.withLock { $0.bytes } }

    /// The number of messages passed to `post` that could not be sent completely because the connection had ended.
    public var messagesNotSent: Int { posted.withLock { $0.failed } }

    /// The number of bytes that the system has not accepted yet. Access it on the event loop.
    public var bytesPending: Int { handler.value.bytesPending }

    /// Starts the closing handshake, whose outcome arrives with the last batch. Has no effect when it has already
    /// started.
    ///
    /// - Parameters:
    ///   - frame: the Close frame to send.
    ///   - limit: the time after which the transport is closed even if the peer keeps sending. If nil, only
    ///     `closeTimeout` applies, which counts from the last progress.
    public func close(_ frame: CloseFrame, within limit: TimeAmount? = nil) {
        if eventLoop.inEventLoop {
            handler.value.close(frame, within: limit)
        } else {
            eventLoop.execute { [handler] in handler.value.close(frame, within: limit) }
        }
    }

    /// Closes the transport immediately, without a closing handshake.
    public func abort() {
        channel.close(promise: nil)
    }

    /// A future that succeeds when the transport is closed, which happens soon after the outcome arrives.
    public var transportEnd: EventLoopFuture<Void> { channel.closeFuture }

    /// Waits until the transport is closed, which happens soon after the outcome arrives.
    public func transportEnded() async {
        try? await channel.closeFuture.get()
    }

    /// Calls `body` with the connection, then closes the transport.
    func use<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Connection) async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await body(self)
            await end()
            return result
        } catch {
            await end()
            throw error
        }
    }

    private func end() async {
        abort()
        await transportEnded()
    }
}

extension Connection {
    /// The maximum number of bytes to read at once, large enough to amortize the switch to the reader over many
    /// messages.
    private static let readSize = 256 << 10
    /// Sets the options for reading from a channel that carries messages.
    static func setOptions(_ channel: any Channel) throws {
        let allocator = AdaptiveRecvByteBufferAllocator(minimum: 4 << 10, initial: 64 << 10, maximum: readSize)
        try channel.syncOptions?.setOption(.recvAllocator, value: allocator)
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    }
}
