public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import WebSocketProtocol

/// Opens client connections: names, TCP, TLS and the opening handshake, all within one time limit.
public struct Dialer: Sendable {
    private let group: any EventLoopGroup
    private let options: ConnectOptions

    /// Creates a dialer.
    ///
    /// - Parameters:
    ///   - group: the event loops that its connections run on.
    ///   - options: how its connections are opened.
    public init(group: any EventLoopGroup, options: ConnectOptions) {
        self.group = group
        self.options = options
    }

    /// What a channel came to, once its handshake was done.
    private struct Upgraded: Sendable {
        let handshake: Handshake
        let channel: NIOAsyncChannel<Arrival, Never>
    }

    /// Opens a connection, runs `body` with it and closes it.
    ///
    /// - Parameters:
    ///   - url: the server.
    ///   - isolation: the actor that `body` runs on, the caller's.
    ///   - body: what is done with the connection. When it returns after the connection's ending has arrived, the
    ///     transport has ended too; else it is closed at once.
    /// - Returns: what `body` returns.
    /// - Throws: `ConnectError` when no connection came about, and what `body` throws.
    public func withConnection<Result>(
        to url: WebSocketURL,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Connection) async throws -> Result
    ) async throws -> Result {
        let statistics = SharedStatistics()
        let upgraded = try await open(url, statistics)
        return try await Connection.use(upgraded.channel, upgraded.handshake, statistics, body)
    }

    private func open(_ url: WebSocketURL, _ statistics: SharedStatistics) async throws(ConnectError) -> Upgraded {
        let request = UpgradeRequest(url: url, options: options)
        let loop = group.next()
        let outcome = loop.makePromise(of: Upgraded.self)
        let phase = NIOLoopBoundBox.makeBoxSendingValue(ConnectError.Phase.connecting, eventLoop: loop)
        let limit = options.connectTimeout
        let seconds = Double(limit.nanoseconds) / 1e9
        let timer = loop.scheduleTask(in: limit) {
            outcome.fail(ConnectError.timedOut(url: url, seconds: seconds, phase: phase.value))
        }
        let attempt = ClientBootstrap(group: loop)
            // The limit above covers this one; it must not end an attempt earlier.
            .connectTimeout(limit + .seconds(1))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try Connection.setOptions(channel) }
            }
            .connect(host: url.host, port: url.port)
        attempt.flatMap { channel in
            phase.value = .upgrading
            outcome.futureResult.whenFailure { _ in channel.close(promise: nil) }
            return upgrade(channel, request, url, statistics)
        }.cascade(to: outcome)

        do {
            let upgraded = try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                loop.execute { outcome.fail(ConnectError.cancelled) }
            }
            timer.cancel()
            return upgraded
        } catch {
            timer.cancel()
            throw Self.connectError(for: error, url: url)
        }
    }

    private func upgrade(
        _ channel: any Channel,
        _ request: UpgradeRequest,
        _ url: WebSocketURL,
        _ statistics: SharedStatistics
    ) -> EventLoopFuture<Upgraded> {
        let answered = channel.eventLoop.makePromise(of: UpgradeHandler.Answer.self)
        let recorder = AnswerRecorder()
        let protocolSwitch: ProtocolSwitch
        var tls: NIOSSLClientHandler?
        do {
            if url.isSecure {
                let secure = try TLSSetup.makeHandler(for: url, options)
                try channel.pipeline.syncOperations.addHandler(secure)
                tls = secure
            }
            protocolSwitch = try ProtocolSwitch(
                on: channel,
                encoder: HTTPRequestEncoder(),
                // Frames that come in the same segment as the 101 wait in the decoder; the default would drop them.
                decoder: ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes)),
                observers: [recorder],
                users: [
                    NIOHTTPRequestHeadersValidator(),
                    UpgradeHandler(request: request, recorder: recorder, promise: answered),
                ]
            )
        } catch {
            answered.fail(error)
            return channel.eventLoop.makeFailedFuture(error)
        }
        return answered.futureResult.assumeIsolated().flatMap { answer in
            let handshake = Handshake(
                request: request.head,
                response: answer.head,
                remoteAddress: channel.remoteAddress,
                tlsVersion: tls?.tlsVersion.map(TLSSetup.name),
                deflate: answer.deflate
            )
            return protocolSwitch.perform(on: channel) {
                EndpointHandler(
                    endpoint: Endpoint(
                        role: .client,
                        limits: options.limits,
                        deflate: answer.deflate,
                        answersEndAtOnce: options.answersEndAtOnce
                    ),
                    closeTimeout: options.closeTimeout,
                    statistics: statistics
                )
            }
            .assumeIsolated().map { Upgraded(handshake: handshake, channel: $0) }.nonisolated()
        }
        .nonisolated()
    }

    private static func connectError(for error: any Error, url: WebSocketURL) -> ConnectError {
        switch error {
        case let error as ConnectError: error
        case let error as NIOConnectionError: connectError(for: error, url: url)
        case UpgradeHandler.Failure.refused(let refusal): .refused(url: url, refusal)
        case UpgradeHandler.Failure.violation(let violation): .invalidUpgrade(url: url, violation)
        case UpgradeHandler.Failure.fault(let fault): .unreadableAnswer(url: url, fault)
        case UpgradeHandler.Failure.ended: .endedEarly(url: url, reason: nil)
        case UpgradeHandler.Failure.transport(let error): transportError(error, url)
        default: transportError(error, url)
        }
    }

    private static func transportError(_ error: any Error, _ url: WebSocketURL) -> ConnectError {
        if let tls = TLSSetup.connectError(for: error, url: url) { return tls }
        return .endedEarly(url: url, reason: describe(error))
    }

    private static func connectError(for error: NIOConnectionError, url: WebSocketURL) -> ConnectError {
        guard error.connectionErrors.isEmpty else {
            let attempts = error.connectionErrors.map { failure in
                "\(failure.target.ipAddress ?? "?"): \(describe(failure.error))"
            }
            return .unreachable(url: url, attempts: attempts)
        }
        let cause = error.dnsAError ?? error.dnsAAAAError
        return .nameNotResolved(host: url.host, reason: cause.map(String.init(describing:)) ?? "no address")
    }
}
