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
        /// Whether to accept HTTP/2 too (RFC 8441): with TLS if the client negotiates it, without TLS if it starts with
        /// the preface of HTTP/2.
        public var acceptsHTTP2 = true
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
        /// A closure that is called for each frame with the client's number, and the number of the stream for HTTP/2, on
        /// an event loop that it must not block.
        public var onFrame: (@Sendable (Int, FrameDirection, FrameHeader, _ stream: Int?) -> Void)?

        /// Creates the default configuration.
        public init() {}
    }

    /// The clients of a TCP connection: one, or any number with HTTP/2.
    private typealias Clients = AsyncStream<Connection>

    private let channel: NIOAsyncChannel<Clients, Never>
    private let connections = HTTP2Connections()

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
        let tls = try options.identity.map { try TLSSetup.serverContext(for: $0, offersHTTP2: options.acceptsHTTP2) }
        let slots = ClientSlots(atOnce: options.maximumClients, total: options.clientLimit)
        let (onPause, connections) = (options.onPause, connections)
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    slots.onExhaustion { channel.close(promise: nil) }
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(onPause: onPause))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Self.accept(channel, options, tls, slots, connections) }
            }
        channel.channel.closeFuture.whenComplete { [connections] _ in connections.drain() }
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
                for try await clients in clients {
                    group.addTask {
                        // A client whose handshake failed has already received a response and been reported.
                        await withDiscardingTaskGroup { group in
                            for await client in clients { group.addTask { await Self.use(client, serve) } }
                        }
                    }
                }
            }
        }
    }

    private static func use(
        _ client: Connection,
        _ serve: @Sendable @escaping (Connection) async throws -> Void
    ) async {
        try? await client.use { connection in
            try await serve(connection)
            // Respond to the client's Close frame, if it has sent one.
            connection.close(.normal)
            await connection.transportEnded()
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
        _ slots: ClientSlots,
        _ connections: HTTP2Connections
    ) throws -> Clients {
        try Connection.setOptions(channel)
        let tlsHandler = tls.map { NIOSSLServerHandler(context: $0) }
        if let tlsHandler { try channel.pipeline.syncOperations.addHandler(tlsHandler) }
        let answered = channel.eventLoop.makePromise(of: AcceptHandler.Outcome.self)
        let start = RequestStart(acceptsHTTP2: options.acceptsHTTP2 && tls == nil)
        let protocolSwitch = try UpgradePipeline(
            on: channel,
            encoder: HTTPResponseEncoder(),
            decoder: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)),
            observers: [start],
            users: [AcceptHandler(options, slots, start, promise: answered)]
        )
        let (clients, accepted) = AsyncStream.makeStream(of: Connection.self)
        let address = channel.remoteAddress
        channel.closeFuture.whenComplete { _ in accepted.finish() }
        answered.futureResult.whenFailure { options.onRejection?(RejectedClient(address, $0)) }
        answered.futureResult.assumeIsolated().whenSuccess { outcome in
            let session = tlsHandler?.tlsVersion.map { TLSSession(version: TLSSetup.name(of: $0)) }
            switch outcome {
            case .accepted(let answer):
                let client = AcceptedClient(channel, address, session, answer, options, slots)
                protocolSwitch.perform(on: channel) { client.handler($0) }.assumeIsolated().whenSuccess {
                    accepted.yield(client.open($0))
                }
            case .http2(let bytes):
                protocolSwitch.perform(on: channel, rereading: bytes) {
                    try HTTP2Server.start(on: channel, connections) { stream, connection in
                        try accept(stream, connection, options, slots, session, accepted)
                    }
                }.whenFailure { _ in channel.close(promise: nil) }
            }
        }
        return clients
    }

    /// Waits for the request of an HTTP/2 stream, and accepts or rejects it.
    private static func accept(
        _ stream: any Channel,
        _ connection: HTTP2ConnectionHandler,
        _ options: Options,
        _ slots: ClientSlots,
        _ tls: TLSSession?,
        _ accepted: Clients.Continuation
    ) throws {
        let answered = stream.eventLoop.makePromise(of: AcceptHandler.Outcome.self)
        let start = RequestStart(acceptsHTTP2: false)
        try stream.pipeline.syncOperations.addHandlers([
            ExtendedConnectServerCodec(), AcceptHandler(options, slots, start, promise: answered),
        ])
        answered.futureResult.whenFailure { options.onRejection?(RejectedClient(stream.remoteAddress, $0)) }
        answered.futureResult.assumeIsolated().whenSuccess { outcome in
            guard case .accepted(let answer) = outcome else { return }
            let client = AcceptedClient(stream, stream.remoteAddress, tls, answer, options, slots)
            let channel = try? HTTP2StreamHandler.replace(
                ExtendedConnectServerCodec.self,
                AcceptHandler.self,
                on: stream,
                of: connection,
                isServer: true
            ) { client.handler($0, output: $1) }
            if let (number, channel) = channel { accepted.yield(client.open(channel, stream: number)) }
        }
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
