public import NIOCore

/// A type that opens client connections, including name resolution, proxies, TLS, the opening handshake and redirects.
public struct Dialer: Sendable {
    private let group: any EventLoopGroup
    private let options: ConnectionConfiguration
    private let pool: HTTP2Pool?

    /// Creates a dialer.
    ///
    /// - Parameters:
    ///   - group: the event loops of the connections.
    ///   - options: the configuration of the connections.
    ///   - pool: the HTTP/2 connections to share; nil to share none.
    public init(group: any EventLoopGroup, options: ConnectionConfiguration, pool: HTTP2Pool? = nil) {
        (self.group, self.options, self.pool) = (group, options, pool)
    }

    /// Opens a connection, calls `body` with it, and closes it.
    ///
    /// - Parameters:
    ///   - url: the URL of the server.
    ///   - isolation: the actor that `body` runs on, by default the caller's.
    ///   - body: a closure that uses the connection. When it returns, the transport is closed; perform the closing
    ///     handshake before.
    /// - Returns: the result of `body`.
    /// - Throws: `ConnectError` when the connection cannot be opened, and the errors of `body`.
    public func withConnection<Result>(
        to url: WebSocketURL,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Connection) async throws -> Result
    ) async throws -> Result {
        let statistics = SharedStatistics()
        let upgraded = try await open(url, statistics)
        return try await Connection(upgraded.channel, upgraded.handshake, statistics).use(body)
    }

    /// Opens a connection and follows redirects.
    private func open(_ url: WebSocketURL, _ statistics: SharedStatistics) async throws(ConnectError) -> Upgraded {
        var (url, options) = (url, options)
        // One time limit applies to all attempts.
        let deadline = NIODeadline.now() + options.connectTimeout
        for source in options.credentialSources {
            try await source(&options, url, .nanoseconds((deadline - .now()).nanoseconds))
        }
        var redirects = 0
        while true {
            do throws(ConnectError) {
                let pool = options.http2 == .never ? nil : pool
                let loop = pool?.eventLoop ?? group.next()
                return try await Attempt(url, options, statistics, loop, pool, deadline: deadline).run()
            } catch {
                if case .http2 = error, options.http2 == .ifSupported {
                    options.http2 = .never
                    continue
                }
                guard case .refused(_, let refusal) = error, options.maximumRedirects > 0,
                    let target = try Redirect.target(of: refusal.response, from: url)
                else { throw error }
                guard redirects < options.maximumRedirects else {
                    throw .tooManyRedirects(url: url, limit: options.maximumRedirects)
                }
                guard target.isSecure || !url.isSecure || options.followsToPlain else {
                    throw .redirectedToPlain(url: url, target: target)
                }
                redirects += 1
                options.onEvent?(.redirected(refusal.response, to: target))
                if target.isSameServer(as: url) {
                    let credentials = target.credentials ?? url.credentials
                    url = target
                    url.credentials = credentials
                } else {
                    url = target
                    options = options.withoutSecrets
                }
            }
        }
    }
}

extension WebSocketURL {
    /// Whether a URL has the same scheme, host and port, so that its server may receive the same credentials.
    public func isSameServer(as other: WebSocketURL) -> Bool {
        isSecure == other.isSecure && host.lowercased() == other.host.lowercased() && port == other.port
            && unixSocket == other.unixSocket
    }
}
