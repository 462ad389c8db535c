public import NIOCore
import NIOHTTP1
import NIOPosix
public import WebSocketProtocol

/// A listening socket whose clients speak WebSocket: the server's side of the protocol.
public struct Listener: Sendable {
    /// How connections are accepted and what they take.
    public struct Options: Sendable {
        /// The subprotocols spoken.
        public var subprotocols: [String] = []
        /// Whether permessage-deflate (RFC 7692) is agreed to.
        public var compresses = true
        /// How long a client may stay silent after our Close frame.
        public var closeTimeout: TimeAmount = .seconds(5)
        /// How much of a client's data is taken.
        public var limits = Limits()

        /// The options that hold unless one is changed.
        public init() {}
    }

    private struct Accepted: Sendable {
        let channel: MessageChannel
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

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - host: an address of this machine, or a name for one.
    ///   - port: 1 to 65535, or 0 for one that the system picks.
    ///   - group: the event loops that the connections run on.
    ///   - options: how connections are accepted.
    /// - Throws: `IOError` when the system refuses the address.
    public init(host: String, port: Int, group: any EventLoopGroup, options: Options = Options()) async throws {
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Self.accept(channel, options) }
            }
    }

    /// Serves clients, each in a task of its own, until the surrounding task is cancelled.
    ///
    /// - Parameter serve: what is done with a connection, which is closed when it returns; what it throws ends that
    ///   connection alone.
    /// - Throws: what the system says when it accepts no more.
    public func run(_ serve: @Sendable @escaping (Connection) async throws -> Void) async throws {
        try await channel.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients {
                    group.addTask {
                        // A client whose handshake failed has been answered; there is nobody to tell.
                        guard let accepted = try? await client.get() else { return }
                        try? await Connection.use(accepted.channel, nil, accepted.statistics) { connection in
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

    private static func accept(_ channel: any Channel, _ options: Options) throws -> EventLoopFuture<Accepted> {
        try Connection.setOptions(channel)
        let answered = channel.eventLoop.makePromise(of: DeflateParameters?.self)
        let protocolSwitch = try ProtocolSwitch(
            on: channel,
            encoder: HTTPResponseEncoder(),
            decoder: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)),
            users: [
                AcceptHandler(
                    subprotocols: options.subprotocols,
                    compresses: options.compresses,
                    promise: answered
                )
            ]
        )
        let statistics = SharedStatistics()
        return answered.futureResult.assumeIsolated().flatMap { deflate in
            protocolSwitch.perform(on: channel) { arrivals in
                EndpointHandler(
                    endpoint: Endpoint(
                        role: .server,
                        limits: options.limits,
                        deflate: deflate,
                        answersEndAtOnce: false
                    ),
                    arrivals: arrivals,
                    closeTimeout: options.closeTimeout,
                    statistics: statistics
                )
            }
        }
        .map { Accepted(channel: $0, statistics: statistics) }
        .nonisolated()
    }
}

extension Connection {
    /// Sends every message back as it came, until the connection has ended.
    ///
    /// - Throws: what the system says of a transport that broke.
    public func echo() async throws {
        for try await arrival in arrivals {
            let messages = arrival.batch.entries.filter(\.kind.isMessage)
            if !messages.isEmpty { try await send(MessageBatch(bytes: arrival.batch.bytes, entries: messages)) }
            if arrival.ending != nil { return }
        }
    }
}
