import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import WebSocketProtocol

/// A channel after the opening handshake.
struct Upgraded: Sendable {
    let handshake: Handshake
    let channel: MessageChannel
}

/// An attempt to open a connection within a time limit: transport, proxy, TLS and upgrade, one after another.
struct Attempt: Sendable {
    private let url: WebSocketURL
    private var options: ConnectionConfiguration
    private let statistics: SharedStatistics
    private let loop: any EventLoop
    private let pool: HTTP2Pool?
    private let deadline: NIODeadline
    private let phase: NIOLoopBoundBox<(name: ConnectError.Phase, start: NIODeadline)>

    init(
        _ url: WebSocketURL,
        _ options: ConnectionConfiguration,
        _ statistics: SharedStatistics,
        _ loop: any EventLoop,
        _ pool: HTTP2Pool?,
        deadline: NIODeadline
    ) {
        self.url = url
        self.options = options
        self.options.tls.offersHTTP2 = url.isSecure && options.http2 != .never
        self.statistics = statistics
        self.loop = loop
        self.pool = pool
        self.deadline = deadline
        phase = NIOLoopBoundBox.makeBoxSendingValue((.connecting, .now()), eventLoop: loop)
    }

    /// Runs the attempt.
    ///
    /// - Throws: `ConnectError`.
    func run() async throws(ConnectError) -> Upgraded {
        if options.http2 == .always, !url.isSecure { throw .http2(url: url, .requiresTLS) }
        let proxy: Proxy?
        do throws(WebSocketURL.Invalid) {
            proxy = try options.proxy(url)
        } catch {
            throw .badProxy(error)
        }
        let outcome = loop.makePromise(of: Upgraded.self)
        let timer = loop.scheduleTask(deadline: deadline) { outcome.fail(options.timeout(url, phase.value.name)) }
        defer { timer.cancel() }
        loop.flatSubmit { pool.map { share($0, proxy, outcome) } ?? open(proxy, outcome) }.cascade(to: outcome)
        do {
            return try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                loop.execute { outcome.fail(ConnectError.cancelled) }
            }
        } catch {
            throw (error as? ConnectError) ?? .endedEarly(url: url, reason: describe(error))
        }
    }

    /// Opens a stream of a connection in the pool; if there is none, opens a connection and adds it.
    private func share(
        _ pool: HTTP2Pool,
        _ proxy: Proxy?,
        _ outcome: EventLoopPromise<Upgraded>
    ) -> EventLoopFuture<Upgraded> {
        guard let entry = pool.entry(for: HTTP2Pool.Key(url, options, proxy)) else { return open(proxy, outcome) }
        phase.value = (.upgrading, .now())
        options.onEvent?(.sharing(entry.client.channel.remoteAddress))
        let (url, outcome) = (url, outcome.futureResult)
        return connect(entry.client, entry.tls, outcome).flatMapErrorThrowing { throw Self.error(in: $0, url) }
    }

    private func open(_ proxy: Proxy?, _ outcome: EventLoopPromise<Upgraded>) -> EventLoopFuture<Upgraded> {
        let transport = Transport(url: url, options: options, proxy: proxy, loop: loop)
        let (url, options, phase) = (url, options, phase)
        if let proxy { phase.value.name = .tunnelling(proxy) }
        return transport.connect().flatMapErrorThrowing {
            throw Self.error(connecting: $0, url, proxy, options.addressFamily)
        }
        .flatMap { channel in
            options.onEvent?(.connected(channel.remoteAddress, in: enter(phase.value.name)))
            outcome.futureResult.whenFailure { _ in channel.close(promise: nil) }
            return tunnel(proxy, transport, channel).flatMap { secure(channel) }.flatMap { tls in
                phase.value = (.upgrading, .now())
                switch options.http2 {
                case .priorKnowledge: return extendedConnect(channel, tls, proxy, outcome.futureResult)
                case .always, .ifSupported:
                    if tls?.applicationProtocol == "h2" {
                        return extendedConnect(channel, tls, proxy, outcome.futureResult)
                    }
                    guard options.http2 != .always else {
                        return channel.eventLoop.makeFailedFuture(ConnectError.http2(url: url, .notNegotiated))
                    }
                case .never: break
                }
                return upgrade(channel, tls)
            }
        }
    }

    /// Enters the next phase, and returns the duration of the previous one.
    private func enter(_ next: ConnectError.Phase) -> TimeAmount {
        let now = NIODeadline.now()
        let time = now - phase.value.start
        phase.value = (next, now)
        return time
    }

    private func tunnel(_ proxy: Proxy?, _ transport: Transport, _ channel: any Channel) -> EventLoopFuture<Void> {
        guard let proxy else { return loop.makeSucceededVoidFuture() }
        let (url, options) = (url, options)
        return transport.tunnel(through: proxy, on: channel)
            .map { options.onEvent?(.tunnelled(through: proxy, in: enter(.securing))) }
            .flatMapErrorThrowing { error in
                if let failure = error as? NameResolver.Failure {
                    throw ConnectError.nameNotResolved(host: url.host, reason: failure.description)
                }
                throw (error as? ConnectError) ?? .proxy(proxy, url: url, ProxyFailure(transport: error))
            }
    }

    private func secure(_ channel: any Channel) -> EventLoopFuture<TLSSession?> {
        guard url.isSecure else { return loop.makeSucceededFuture(nil) }
        phase.value.name = .securing
        let (url, options) = (url, options)
        return TLSHandshakeHandler.perform(on: channel, host: url.asciiHost, options.tls)
            .map { session in
                options.onEvent?(.secured(session, in: enter(.upgrading)))
                return session
            }
            .flatMapErrorThrowing { throw Self.error(in: $0, url) }
    }

    private func upgrade(_ channel: any Channel, _ tls: TLSSession?) -> EventLoopFuture<Upgraded> {
        let request = UpgradeRequest(url: url, options: options)
        let answered = loop.makePromise(of: UpgradeHandler.Response.self)
        let recorder = ResponseRecorder()
        let (url, options) = (url, options)
        let protocolSwitch: UpgradePipeline
        options.onEvent?(.requested(request.head))
        do {
            protocolSwitch = try UpgradePipeline(
                on: channel,
                encoder: HTTPRequestEncoder(),
                // Forward frames that arrive together with the 101 response; by default the decoder would drop them.
                decoder: ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes)),
                observers: [recorder],
                users: [
                    NIOHTTPRequestHeadersValidator(),
                    UpgradeHandler(request: request, recorder: recorder, promise: answered),
                ]
            )
        } catch {
            answered.fail(error)
            return loop.makeFailedFuture(error)
        }
        return answered.futureResult.assumeIsolated().flatMap { answer in
            let handshake = handshake(request, answer, channel.remoteAddress, tls)
            return protocolSwitch.perform(on: channel) { endpointHandler(answer.deflate, $0) }
                .assumeIsolated().map { Upgraded(handshake: handshake, channel: $0) }.nonisolated()
        }
        .nonisolated()
        .flatMapErrorThrowing { throw Self.error(in: $0, url) }
    }

    private func extendedConnect(
        _ channel: any Channel,
        _ tls: TLSSession?,
        _ proxy: Proxy?,
        _ outcome: EventLoopFuture<Upgraded>
    ) -> EventLoopFuture<Upgraded> {
        let (url, options) = (url, options)
        return HTTP2Client.open(on: channel) { options.onEvent?(.settings($0)) }
            .flatMap { client in
                let key = HTTP2Pool.Key(url, options, proxy)
                pool?.add(HTTP2Pool.Entry(key: key, client: client, tls: tls))
                return connect(client, tls, outcome)
            }
            .flatMapErrorThrowing { throw Self.error(in: $0, url) }
    }

    private func connect(
        _ client: HTTP2Client,
        _ tls: TLSSession?,
        _ outcome: EventLoopFuture<Upgraded>
    ) -> EventLoopFuture<Upgraded> {
        let request = UpgradeRequest(url: url, options: options, version: .http2)
        options.onEvent?(.requested(request.head))
        return client.connect(request, unless: outcome) { endpointHandler($0.deflate, $1, output: $2) }
            .map { answer, stream, channel in
                let address = client.channel.remoteAddress
                let handshake = handshake(request, answer, address, tls, stream: stream)
                return Upgraded(handshake: handshake, channel: channel)
            }
    }

    private func handshake(
        _ request: UpgradeRequest,
        _ answer: UpgradeHandler.Response,
        _ address: SocketAddress?,
        _ tls: TLSSession?,
        stream: Int? = nil
    ) -> Handshake {
        options.onEvent?(.upgraded(in: enter(.upgrading)))
        return Handshake(
            request: request.head,
            response: answer.head,
            remoteAddress: address,
            tls: tls,
            deflate: answer.deflate,
            stream: stream
        )
    }

    private func endpointHandler(
        _ deflate: DeflateParameters?,
        _ inbound: InboundStream,
        output: HTTP2StreamHandler? = nil
    ) -> EndpointHandler {
        var endpoint = Endpoint(
            role: .client,
            limits: options.limits,
            fragmentSize: options.fragmentSize,
            deflate: deflate,
            answersEndAtOnce: options.answersEndAtOnce
        )
        if let onFrame = options.onFrame {
            endpoint.onFrame = { [stream = output?.stream] in onFrame($0, $1, stream) }
        }
        return EndpointHandler(
            endpoint: endpoint,
            inbound: inbound,
            closeTimeout: options.closeTimeout,
            statistics: statistics,
            output: output
        )
    }
}

// MARK: - Errors

extension Attempt {
    private static func error(
        connecting error: any Error,
        _ url: WebSocketURL,
        _ proxy: Proxy?,
        _ family: AddressFamily
    ) -> ConnectError {
        guard let error = error as? NIOConnectionError else {
            return .unreachable(url: url, proxy: proxy, attempts: [describe(error)])
        }
        guard error.connectionErrors.isEmpty else {
            let attempts = error.connectionErrors.map { failure in
                let address = failure.target.ipAddress.flatMap { $0 == (proxy?.host ?? url.host) ? nil : " (\($0))" }
                return describe(failure.error) + (address ?? "")
            }
            return .unreachable(url: url, proxy: proxy, attempts: attempts)
        }
        let cause = error.dnsAError ?? error.dnsAAAAError
        return .nameNotResolved(
            host: proxy?.host ?? url.host,
            reason: cause.map(String.init(describing:)) ?? "no address",
            family: family,
            isProxy: proxy != nil
        )
    }

    private static func error(in error: any Error, _ url: WebSocketURL) -> ConnectError {
        switch error {
        case let error as ConnectError: error
        case let fault as CertificateFault: .certificateNotAccepted(url: url, fault)
        case let failure as HTTP2Failure: .http2(url: url, failure)
        case UpgradeHandler.Failure.refused(let refusal): .refused(url: url, refusal)
        case UpgradeHandler.Failure.violation(let violation): .invalidUpgrade(url: url, violation)
        case UpgradeHandler.Failure.fault(let fault): .unreadableAnswer(url: url, fault)
        case UpgradeHandler.Failure.ended, ChannelError.eof: .endedEarly(url: url, reason: nil)
        case UpgradeHandler.Failure.transport(let error): transportError(error, url)
        default: transportError(error, url)
        }
    }

    private static func transportError(_ error: any Error, _ url: WebSocketURL) -> ConnectError {
        guard let reason = TLSSetup.reason(of: error) else { return .endedEarly(url: url, reason: describe(error)) }
        if TLSSetup.isAboutClientCertificate(error) { return .clientCertificateNotAccepted(url: url, reason: reason) }
        return .tls(url: url, reason: reason)
    }
}
