import NIOCore
import NIOHTTP2
import Synchronization
import WebSocketProtocol

/// A client's HTTP/2 connection, whose streams are WebSockets (RFC 8441).
enum HTTP2Server {
    /// The time after which a connection without streams is closed. Browsers keep one open for later requests.
    private static let idleTime: TimeAmount = .seconds(60)

    /// Starts HTTP/2 on a channel.
    ///
    /// - Parameters:
    ///   - channel: the channel, after the TLS handshake. Call the method on its event loop.
    ///   - connections: the registry of connections, which closes them when the server stops accepting.
    ///   - accept: a closure that is called with each stream and the handler of the connection.
    /// - Throws: `ChannelError` when the channel is closed.
    static func start(
        on channel: any Channel,
        _ connections: HTTP2Connections,
        _ accept: @escaping @Sendable (any Channel, HTTP2ConnectionHandler) throws -> Void
    ) throws {
        let counter = HTTP2FrameCounter(prefaceSize: 24)
        let handler = HTTP2ConnectionHandler(counter, idleTime: idleTime)
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        let http2 = NIOHTTP2Handler(
            mode: .server,
            eventLoop: channel.eventLoop,
            connectionConfiguration: HTTP2Setup.connection(.server),
            streamConfiguration: HTTP2Setup.stream
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                bound.value.add(stream)
                try accept(stream, bound.value)
            }
        }
        try channel.pipeline.syncOperations.addHandlers([counter, http2, handler])
        connections.add(bound, channel)
    }
}

/// The open HTTP/2 connections of a server.
final class HTTP2Connections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: NIOLoopBound<HTTP2ConnectionHandler>] = [:]
        var isDraining = false
    }

    private let state = Mutex(State())

    fileprivate func add(_ handler: NIOLoopBound<HTTP2ConnectionHandler>, _ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isDraining = state.withLock { state in
            state.open[id] = handler
            return state.isDraining
        }
        channel.closeFuture.whenComplete { [self] _ in state.withLock { _ = $0.open.removeValue(forKey: id) } }
        if isDraining { handler.value.drain() }
    }

    /// Closes the connections as soon as they have no streams.
    func drain() {
        let open = state.withLock { state in
            state.isDraining = true
            return state.open.values
        }
        for handler in open { handler.eventLoop.execute { handler.value.drain() } }
    }
}
