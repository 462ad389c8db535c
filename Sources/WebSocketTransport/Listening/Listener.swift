public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
public import WebSocketProtocol

/// A listening socket whose clients speak WebSocket: the server's side of the protocol.
public struct Listener: Sendable {
    /// How connections are accepted and what they take.
    public struct Options: Sendable {
        /// The subprotocols spoken.
        public var subprotocols: [String] = []
        /// Headers of the answer to a client that is accepted, after those of the handshake.
        public var headers: [(name: String, value: String)] = []
        /// The web pages that may connect, by the value of their requests' Origin header; empty for all. A client that
        /// is no web page sends none, and may always connect.
        public var allowedOrigins: [String] = []
        /// Whether permessage-deflate (RFC 7692) is agreed to.
        public var compresses = true
        /// What TLS shows of us; nil listens without TLS.
        public var identity: TLSIdentity?
        /// How many clients there may be at once; nil for as many as come. Others are answered with 503.
        public var maximumClients: Int?
        /// After how many clients no other is accepted, and `run` ends with the last of them; nil for never.
        public var clientLimit: Int?
        /// The time for everything up to our answer: TLS and the request.
        public var handshakeTimeout: TimeAmount = .seconds(10)
        /// How long a client may stay silent after our Close frame.
        public var closeTimeout: TimeAmount = .seconds(5)
        /// How much of a client's data is taken.
        public var limits = Limits()
        /// Is told of each client that was not accepted; nil when nobody watches. Called on event loops, where it must
        /// not block.
        public var onRejection: (@Sendable (RejectedClient) -> Void)?
        /// Is told when no connection can be accepted for now, and why, once in a row. Called on an event loop.
        public var onPause: (@Sendable (String) -> Void)?
        /// Is told each frame, with the number of the client; nil when nobody watches. Called on event loops.
        public var onFrame: (@Sendable (Int, FrameDirection, FrameHeader) -> Void)?

        /// The options that hold unless one is changed.
        public init() {}
    }

    private struct Accepted: Sendable {
        let channel: MessageChannel
        let handshake: Handshake
        let statistics: SharedStatistics
    }

    private let channel: NIOAsyncChannel<EventLoopFuture<Accepted>, Never>

    /// The port that is listened on.
    public var port: Int { channel.channel.localAddress?.port ?? 0 }

    /// Whether only this machine can connect.
    public var isLoopback: Bool {
        let address = channel.channel.localAddress?.ipAddress ?? ""
        return address.hasPrefix("127.") || address == "::1"
    }

    /// Clients that may wait to be accepted; the system may allow fewer.
    private static let backlog: Int32 = 4096

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - host: an address of this machine, or a name for one.
    ///   - port: 1 to 65535, or 0 for one that the system picks.
    ///   - group: the event loops that the connections run on.
    ///   - options: how connections are accepted.
    /// - Throws: `IOError` when the system refuses the address; `NIOSSLError` for an identity that can't be used.
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

    /// Serves clients, each in a task of its own, until the surrounding task is cancelled; or, once no more are accepted,
    /// until the last of them has gone.
    ///
    /// - Parameter serve: what is done with a connection, which is closed when it returns; what it throws ends that
    ///   connection alone.
    /// - Throws: what the system says when it accepts no more.
    public func run(_ serve: @Sendable @escaping (Connection) async throws -> Void) async throws {
        try await channel.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients {
                    group.addTask {
                        // A client whose handshake failed has been answered, and told of.
                        guard let accepted = try? await client.get() else { return }
                        try? await Connection.use(accepted.channel, accepted.handshake, accepted.statistics) {
                            connection in
                            try await serve(connection)
                            // Answers the client's Close frame, if that is why it is over.
                            connection.close(.normal)
                            await connection.transportEnded()
                        }
                    }
                }
            }
        }
    }

    /// Accepts no more clients; those that there are stay.
    public func stopAccepting() {
        channel.channel.close(promise: nil)
    }

    private static func accept(
        _ channel: any Channel,
        _ options: Options,
        _ tls: NIOSSLContext?,
        _ slots: ClientSlots
    ) throws -> EventLoopFuture<Accepted> {
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
            return protocolSwitch.perform(on: channel) { arrivals in
                var endpoint = Endpoint(
                    role: .server,
                    limits: options.limits,
                    deflate: answer.deflate,
                    answersEndAtOnce: false
                )
                if let onFrame = options.onFrame { endpoint.onFrame = { onFrame(answer.number, $0, $1) } }
                return EndpointHandler(
                    endpoint: endpoint,
                    arrivals: arrivals,
                    closeTimeout: options.closeTimeout,
                    statistics: statistics
                )
            }
            .assumeIsolated().map { Accepted(channel: $0, handshake: handshake, statistics: statistics) }
            .nonisolated()
        }
        .nonisolated()
    }
}

extension Connection {
    /// Sends every message back as it came, until the connection has ended.
    ///
    /// - Throws: what the system says of a transport that broke.
    public func echo() async throws {
        for try await arrival in arrivals {
            try await echo(arrival.batch)
            if arrival.ending != nil { return }
        }
    }

    /// Sends the messages of a batch back as they came.
    ///
    /// - Throws: `SendError`, or what the system says of a transport that broke.
    public func echo(_ batch: MessageBatch) async throws {
        let messages = batch.messages
        if !messages.isEmpty { try await send(messages) }
    }
}

extension MessageBatch {
    /// The batch without its pings and pongs, sharing its storage.
    public var messages: MessageBatch { MessageBatch(bytes: bytes, entries: entries.filter(\.kind.isMessage)) }
}
