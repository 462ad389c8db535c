import NIOCore
import NIOHTTP1
import NIOHTTP2

/// An HTTP/2 connection to a server that supports WebSocket streams (RFC 8441).
struct HTTP2Client: Sendable {
    /// The TCP connection.
    let channel: any Channel
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer
    private let handler: NIOLoopBound<HTTP2ConnectionHandler>

    /// Starts HTTP/2 on a connected channel, and waits for the server's settings.
    ///
    /// - Parameters:
    ///   - channel: the channel, after the TLS handshake. Call the method on its event loop.
    ///   - onSettings: a closure that is called with the server's settings.
    /// - Returns: the connection. Fails with `HTTP2Failure` if the server does not support WebSocket streams.
    static func open(
        on channel: any Channel,
        onSettings: (@Sendable ([(name: String, value: Int)]) -> Void)?
    ) -> EventLoopFuture<HTTP2Client> {
        let settings = channel.eventLoop.makePromise(of: HTTP2Settings.self)
        let counter = HTTP2FrameCounter(prefaceSize: 0)
        let handler = HTTP2ConnectionHandler(counter, idleTime: .zero, settings: settings)
        let http2 = NIOHTTP2Handler(
            mode: .client,
            eventLoop: channel.eventLoop,
            connectionConfiguration: HTTP2Setup.connection(.client),
            streamConfiguration: HTTP2Setup.stream,
            // Servers cannot open streams without push promises, which the settings disable.
            inboundStreamInitializer: { $0.close() }
        )
        do {
            try channel.pipeline.syncOperations.addHandlers([counter, http2, handler])
            try channel.syncOptions?.setOption(.autoRead, value: true)
            // `Transport` has added it if the server may have sent something already.
            try? channel.pipeline.syncOperations.handler(type: HoldingHandler.self).release()
            let client = HTTP2Client(
                channel: channel,
                multiplexer: try http2.syncMultiplexer(),
                handler: NIOLoopBound(handler, eventLoop: channel.eventLoop)
            )
            return settings.futureResult.flatMapThrowing { settings in
                onSettings?(HTTP2Setup.words(for: settings))
                guard settings.contains(where: { $0.parameter == .enableConnectProtocol && $0.value == 1 }) else {
                    throw HTTP2Failure.noExtendedConnect
                }
                return client
            }
        } catch {
            settings.fail(error)
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    /// Whether another stream can be opened now. Access it on the event loop.
    var takesStreams: Bool { handler.value.takesStreams }

    /// Whether streams can be opened, now or when others have ended. Access it on the event loop.
    var isOpen: Bool { handler.value.isOpen }

    /// Opens a stream for a WebSocket.
    ///
    /// - Parameters:
    ///   - request: the request, an extended CONNECT.
    ///   - abandoned: a future that fails when the stream is no longer wanted.
    ///   - makeHandler: a closure that creates the handler of messages once the server has accepted.
    /// - Returns: the response, the number of the stream, and its channel. Fails with `UpgradeHandler.Failure`.
    func connect(
        _ request: UpgradeRequest,
        unless abandoned: EventLoopFuture<Upgraded>,
        _ makeHandler:
            @escaping @Sendable (UpgradeHandler.Response, InboundStream, HTTP2StreamHandler) -> EndpointHandler
    ) -> EventLoopFuture<(UpgradeHandler.Response, stream: Int, MessageChannel)> {
        let answered = channel.eventLoop.makePromise(of: UpgradeHandler.Response.self)
        return multiplexer.createStreamChannel { [handler] stream in
            handler.value.add(stream)
            abandoned.whenFailure { _ in stream.close(promise: nil) }
            return stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandlers([
                    ExtendedConnectClientCodec { handler.value.fault },
                    UpgradeHandler(request: request, recorder: ResponseRecorder(), promise: answered),
                ])
            }
        }
        .flatMapErrorThrowing { [handler] error in
            answered.fail(error)
            throw handler.value.fault ?? error
        }
        .flatMap { [handler] stream in
            answered.futureResult.flatMapThrowing { response in
                let (number, channel) = try HTTP2StreamHandler.replace(
                    ExtendedConnectClientCodec.self,
                    UpgradeHandler.self,
                    on: stream,
                    of: handler.value,
                    isServer: false
                ) { makeHandler(response, $0, $1) }
                return (response, number, channel)
            }
        }
    }
}
