import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSOCKS

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Connects to a server over TCP or a Unix-domain socket, and opens a tunnel through a proxy.
struct Transport {
    let url: WebSocketURL
    let options: ConnectionConfiguration
    let proxy: Proxy?
    let loop: any EventLoop

    private var resolver: NameResolver {
        NameResolver(
            loop: loop,
            family: options.addressFamily,
            resolutions: options.resolutions,
            onEvent: options.onEvent
        )
    }

    /// Whether the server may send its settings before `HTTP2Client` has added its handlers.
    private var serverSpeaksFirst: Bool { options.http2 == .priorKnowledge && !url.isSecure }

    /// Connects to the server or the proxy.
    ///
    /// - Returns: the channel. Fails with `NIOConnectionError`, or `IOError` for a Unix-domain socket.
    func connect() -> EventLoopFuture<any Channel> {
        let onEvent = options.onEvent
        var bootstrap = ClientBootstrap(group: loop)
            // The time limit of the attempt should expire first.
            .connectTimeout(options.connectTimeout + .seconds(1))
            .resolver(resolver)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Connection.setOptions(channel)
                    guard let onEvent else { return }
                    try channel.pipeline.syncOperations.addHandler(AddressObserver { onEvent(.trying($0)) })
                }
            }
        if serverSpeaksFirst, proxy == nil { bootstrap = bootstrap.channelOption(.autoRead, value: false) }
        if let path = url.unixSocket { return bootstrap.connect(unixDomainSocketPath: path) }
        bootstrap =
            bootstrap
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(Self.keepAliveTime, value: 60)
        return bootstrap.connect(host: proxy?.host ?? url.asciiHost, port: proxy?.port ?? url.port)
    }

    /// The idle time, in seconds, after which the system starts to send keep-alive probes.
    private static var keepAliveTime: ChannelOptions.Types.SocketOption {
        #if canImport(Darwin)
        ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: TCP_KEEPALIVE))
        #else
        ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: TCP_KEEPIDLE))
        #endif
    }

    /// Opens a tunnel to the server.
    ///
    /// - Parameters:
    ///   - proxy: the proxy.
    ///   - channel: a connection to the proxy. Call the method on its event loop.
    /// - Returns: a future that succeeds when the tunnel is open. Fails with `ProxyFailure` or `NameResolver.Failure`.
    func tunnel(through proxy: Proxy, on channel: any Channel) -> EventLoopFuture<Void> {
        let host = url.asciiHost
        switch proxy.kind {
        case .http(isSecure: false):
            return httpTunnel(channel, proxy.credentials)
        case .http(isSecure: true):
            var tls = options.tls
            (tls.identity, tls.serverName, tls.offersHTTP2) = (nil, nil, false)
            return TLSHandshakeHandler.perform(on: channel, host: proxy.host, tls).assumeIsolated()
                .flatMapErrorThrowing { throw ProxyFailure(transport: $0) }
                .flatMap { _ in httpTunnel(channel, proxy.credentials) }
                .nonisolated()
        case .socks5(resolvesNames: true):
            return socksTunnel(channel, .domain(host, port: url.port), proxy.credentials)
        case .socks5(resolvesNames: false):
            if let address = try? SocketAddress(ipAddress: host, port: url.port) {
                return socksTunnel(channel, .address(address), proxy.credentials)
            }
            return lookUp(host).assumeIsolated().flatMap { socksTunnel(channel, .address($0), proxy.credentials) }
                .nonisolated()
        }
    }

    /// Returns the first address of a host, preferably IPv4, because fewer proxies support IPv6.
    private func lookUp(_ host: String) -> EventLoopFuture<SocketAddress> {
        let resolver = resolver
        return resolver.initiateAQuery(host: host, port: url.port).flatMapError { _ in loop.makeSucceededFuture([]) }
            .flatMap { first in
                first.isEmpty ? resolver.initiateAAAAQuery(host: host, port: url.port) : loop.makeSucceededFuture(first)
            }
            .flatMapThrowing { addresses in
                guard let address = addresses.first else { throw NameResolver.Failure(description: "no address") }
                return address
            }
    }

    private func httpTunnel(_ channel: any Channel, _ credentials: Credentials?) -> EventLoopFuture<Void> {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let host = url.asciiHost
        let authority = "\(host.contains(":") ? "[\(host)]" : host):\(url.port)"
        let recorder = ResponseRecorder()
        do {
            let protocolSwitch = try UpgradePipeline(
                on: channel,
                encoder: HTTPRequestEncoder(),
                decoder: ByteToMessageHandler(
                    HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes, informationalResponseStrategy: .drop)
                ),
                observers: [recorder],
                users: [
                    HTTPTunnelHandler(
                        authority: authority,
                        credentials: credentials,
                        recorder: recorder,
                        promise: promise
                    )
                ]
            )
            let serverSpeaksFirst = serverSpeaksFirst
            return promise.futureResult.assumeIsolated().flatMap {
                protocolSwitch.perform(on: channel) {
                    guard serverSpeaksFirst else { return }
                    try channel.pipeline.syncOperations.addHandler(HoldingHandler(isHolding: true))
                }
            }
            .nonisolated()
        } catch {
            promise.fail(error)
            return promise.futureResult
        }
    }

    private func socksTunnel(
        _ channel: any Channel,
        _ target: SOCKSAddress,
        _ credentials: Credentials?
    ) -> EventLoopFuture<Void> {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let pipeline = channel.pipeline.syncOperations
        let client = SOCKSClientHandler(targetAddress: target)
        let watcher = SOCKSTunnelHandler(promise: promise)
        let authenticator = credentials.map(SOCKSAuthenticator.init)
        do {
            if let authenticator { try pipeline.addHandler(authenticator) }
            // The client starts when its handler is added, and the watcher must see all its events.
            try pipeline.addHandler(watcher)
            try pipeline.addHandler(client, position: .before(watcher))
            if serverSpeaksFirst { try pipeline.addHandler(HoldingHandler(isHolding: true)) }
        } catch {
            promise.fail(error)
        }
        return promise.futureResult.assumeIsolated().map {
            if let authenticator { pipeline.removeHandler(authenticator, promise: nil) }
            pipeline.removeHandler(client, promise: nil)
            pipeline.removeHandler(watcher, promise: nil)
        }.nonisolated()
    }
}
