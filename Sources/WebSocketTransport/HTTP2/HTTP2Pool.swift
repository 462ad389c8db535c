public import NIOCore

/// HTTP/2 connections that WebSockets to the same server share, as in a browser: each WebSocket is a stream.
public struct HTTP2Pool: Sendable {
    /// Everything that two WebSockets must have in common to share a connection.
    struct Key: Equatable, Sendable {
        let isSecure: Bool
        let host: String
        let port: Int
        let unixSocket: String?
        let use: HTTP2Use
        let tls: TLSOptions
        let proxy: Proxy?
        let addressFamily: AddressFamily
        let resolutions: [Resolution]

        init(_ url: WebSocketURL, _ options: ConnectionConfiguration, _ proxy: Proxy?) {
            (isSecure, host, port, unixSocket) = (url.isSecure, url.host.lowercased(), url.port, url.unixSocket)
            (use, tls, self.proxy) = (options.http2, options.tls, proxy)
            (addressFamily, resolutions) = (options.addressFamily, options.resolutions)
        }
    }

    /// An open connection.
    struct Entry: Sendable {
        let key: Key
        let client: HTTP2Client
        let tls: TLSSession?
    }

    /// The event loop of all connections.
    let eventLoop: any EventLoop
    private let entries: NIOLoopBoundBox<[Entry]>

    /// Creates an empty pool. Its connections are closed when they have no more streams.
    ///
    /// - Parameter eventLoop: the event loop of all connections.
    public init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        entries = NIOLoopBoundBox.makeBoxSendingValue([], eventLoop: eventLoop)
    }

    /// Returns a connection that can be shared, if there is one. Call the method on the event loop.
    func entry(for key: Key) -> Entry? {
        entries.value.removeAll { !$0.client.isOpen }
        return entries.value.first { $0.key == key && $0.client.takesStreams }
    }

    /// Adds a connection. Call the method on the event loop.
    func add(_ entry: Entry) {
        entries.value.append(entry)
    }
}
