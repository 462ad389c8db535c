public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
public import WebSocketProtocol

/// A WebSocket server: a listening socket and the connections to its clients.
public struct Listener: Sendable {
    /// The configuration of a server.
    public struct Options: Sendable {
        /// The supported subprotocols.
        public var subprotocols: [String] = []
        /// Additional headers of the 101 response.
        public var headers: [(name: String, value: String)] = []
        /// The `Origin` values of web pages that may connect; empty to allow all. Clients that send no `Origin` header
        /// are always accepted.
        public var allowedOrigins: [String] = []
        /// Whether to accept permessage-deflate (RFC 7692).
        public var compresses = true
        /// The server's certificate and key; nil to listen without TLS.
        public var identity: TLSIdentity?
        /// The maximum number of clients at once; nil for no limit. The server rejects more with status 503.
        public var maximumClients: Int?
        /// The number of clients to accept before `run` stops accepting and waits for the last one; nil for no limit.
        public var clientLimit: Int?
        /// The time limit for the TLS handshake and the opening handshake.
        public var handshakeTimeout: TimeAmount = .seconds(10)
        /// The maximum time to wait for a client's Close frame after sending one.
        public var closeTimeout: TimeAmount = .seconds(5)
        /// The maximum size of incoming messages and frames.
        public var limits = Limits()
        /// A closure that is called with each connection before the client receives the 101 response, on an event loop
        /// that it must not block.
        public var onAccept: (@Sendable (Connection) -> Void)?
        /// A closure that is called for each rejected client, on an event loop that it must not block.
        public var onRejection: (@Sendable (RejectedClient) -> Void)?
        /// A closure that is called with the reason when accepting connections pauses, on an event loop; once for
        /// consecutive failures.
        public var onPause: (@Sendable (String) -> Void)?
        /// A closure that is called for each frame with the client's number, on an event loop that it must not block.
        public var onFrame: (@Sendable (Int, FrameDirection, FrameHeader) -> Void)?

        /// Creates the default configuration.
        public init() {}
    }

    private let channel: NIOAsyncChannel<EventLoopFuture<Connection>, Never>

    /// The port on which the server listens.
    public var port: Int { channel.channel.localAddress?.port ?? 0 }

    /// Whether only this computer can connect to the server.
    public var isLoopback: Bool {
        let address = channel.channel.localAddress?.ipAddress ?? ""
        return address.hasPrefix("127.") || address == "::1"
    }

    /// The maximum number of connections waiting to be accepted; the system may allow fewer.
    private static let backlog: Int32 = 4096

    /// Creates a server and starts listening.
    ///
    /// - Parameters:
    ///   - host: an address of this computer, or its name.
    ///   - port: the port, from 1 to 65535; 0 lets the system choose one.
    ///   - group: the event loops of the connections.
    ///   - options: the configuration.
    /// - Throws: `IOError` when the system rejects the address, `NIOSSLError` when the identity cannot be used.
    public init(host: String, port: Int, group: any EventLoopGroup, options: Options = Options()) async throws {
        let tls = try options.identity.map { try TLSSetup.serverContext(for: $0) }
        let slots = ClientSlots(atOnce: options.maximumClients, total: options.clientLimit)
        let onPause = options.onPause
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    slots.onExhaustion { channel.close(promise: nil) }
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(onPause: onPause))
                }
            }
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Self.accept(channel, options, tls, slots) }
            }
    }

    /// Serves each client in a task of its own, until the surrounding task is canceled or, once no more clients are
    /// accepted, the last one has disconnected.
    ///
    /// - Parameter serve: a closure that serves a connection. The connection is closed when it returns or throws; an
    ///   error does not affect other connections.
    /// - Throws: the system's error when accepting fails.
    public func run(_ serve: @Sendable @escaping (Connection) async throws -> Void) async throws {
        try await channel.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients {
                    group.addTask {
                        // A client whose handshake failed has already received a response and been reported.
                        try? await client.get().use { connection in
                            try await serve(connection)
                            // Respond to the client's Close frame, if it has sent one.
                            connection.close(.normal)
                            await connection.transportEnded()
                        }
                    }
                }
            }
        }
    }

    /// Stops accepting clients. Open connections stay open.
    public func stopAccepting() {
        channel.channel.close(promise: nil)
    }

    private static func accept(
        _ channel: any Channel,
        _ options: Options,
        _ tls: NIOSSLContext?,
        _ slots: ClientSlots
    ) throws -> EventLoopFuture<Connection> {
        try Connection.setOptions(channel)
        let address = channel.remoteAddress
        let tlsHandler = tls.map { NIOSSLServerHandler(context: $0) }
        if let tlsHandler { try channel.pipeline.syncOperations.addHandler(tlsHandler) }
        let answered = channel.eventLoop.makePromise(of: AcceptHandler.Response.self)
        let start = RequestStart()
        let protocolSwitch = try UpgradePipeline(
            on: channel,
            encoder: HTTPResponseEncoder(),
            decoder: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)),
            observers: [start],
            users: [AcceptHandler(options, slots, start, promise: answered)]
        )
        answered.futureResult.whenFailure { error in
            options.onRejection?(RejectedClient(address, error))
        }
        let statistics = SharedStatistics()
        return answered.futureResult.assumeIsolated().flatMap { answer in
            channel.closeFuture.whenComplete { _ in slots.giveBack() }
            let handshake = Handshake(
                request: answer.request,
                response: answer.head,
                remoteAddress: address,
                tls: tlsHandler?.tlsVersion.map { TLSSession(version: TLSSetup.name(of: $0)) },
                deflate: answer.deflate,
                clientNumber: answer.number
            )
            return protocolSwitch.perform(on: channel) { inbound in
                var endpoint = Endpoint(
                    role: .server,
                    limits: options.limits,
                    deflate: answer.deflate,
                    answersEndAtOnce: false
                )
                if let onFrame = options.onFrame { endpoint.onFrame = { onFrame(answer.number, $0, $1) } }
                return EndpointHandler(
                    endpoint: endpoint,
                    inbound: inbound,
                    closeTimeout: options.closeTimeout,
                    statistics: statistics
                )
            }
            .assumeIsolated().map { messages in
                let connection = Connection(messages, handshake, statistics)
                options.onAccept?(connection)
                // Send the response only now, so that `onAccept` comes before everything that clients do after it.
                channel.flush()
                return connection
            }
            .nonisolated()
        }
        .nonisolated()
    }
}

extension Connection {
    /// Sends every message back to the peer until the connection ends.
    ///
    /// - Throws: the error when the transport fails.
    public func echo() async throws {
        for try await inbound in inbound {
            try await echo(inbound.batch)
            if inbound.outcome != nil { return }
        }
    }

    /// Sends the messages of a batch back to the peer.
    ///
    /// - Throws: `SendError`, or the system's error when the transport fails.
    public func echo(_ batch: MessageBatch) async throws {
        let messages = batch.messages
        if !messages.isEmpty { try await send(messages) }
    }
}

extension MessageBatch {
    /// A copy without pings and pongs, which shares the batch's storage.
    public var messages: MessageBatch { MessageBatch(bytes: bytes, entries: entries.filter(\.kind.isMessage)) }
}
