import NIOCore
import WebSocketProtocol

/// A client whose opening handshake a server has accepted, with all that its connection needs.
struct AcceptedClient: Sendable {
    let handshake: Handshake
    let statistics = SharedStatistics()
    private let channel: any Channel
    private let options: Listener.Options

    /// Creates a client, which frees its slot when the channel is closed.
    ///
    /// - Parameters:
    ///   - channel: the TCP connection, or a stream of HTTP/2.
    ///   - address: the client's address.
    ///   - tls: the TLS session.
    ///   - answer: the request and the response to it.
    ///   - options: the configuration of the server.
    ///   - slots: the limit on the number of clients.
    init(
        _ channel: any Channel,
        _ address: SocketAddress?,
        _ tls: TLSSession?,
        _ answer: AcceptHandler.Response,
        _ options: Listener.Options,
        _ slots: ClientSlots
    ) {
        channel.closeFuture.whenComplete { _ in slots.giveBack() }
        (self.channel, self.options) = (channel, options)
        handshake = Handshake(
            request: answer.request,
            response: answer.head,
            remoteAddress: address,
            tls: tls,
            deflate: answer.deflate,
            clientNumber: answer.number
        )
    }

    /// Opens the connection, and sends the response to the request.
    ///
    /// - Parameters:
    ///   - messages: the channel of messages.
    ///   - stream: the number of the stream, with HTTP/2.
    /// - Returns: the connection.
    func open(_ messages: MessageChannel, stream: Int? = nil) -> Connection {
        var handshake = handshake
        handshake.stream = stream
        let connection = Connection(messages, handshake, statistics)
        options.onAccept?(connection)
        // Only now, so that `onAccept` comes before everything that clients do after it.
        channel.flush()
        return connection
    }

    /// Returns the handler of messages.
    func handler(_ inbound: InboundStream, output: HTTP2StreamHandler? = nil) -> EndpointHandler {
        var endpoint = Endpoint(
            role: .server,
            limits: options.limits,
            deflate: handshake.deflate,
            answersEndAtOnce: false
        )
        if let onFrame = options.onFrame, let number = handshake.clientNumber {
            endpoint.onFrame = { [stream = output?.stream] in onFrame(number, $0, $1, stream) }
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
