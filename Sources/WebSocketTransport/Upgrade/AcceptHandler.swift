import NIOCore
import NIOHTTP1
import NIOTLS
import WebSocketProtocol

/// A handler that responds to a client's opening handshake.
final class AcceptHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request that the server accepted, with its response.
    struct Response: Sendable {
        let request: HTTPRequestHead
        let head: HTTPResponseHead
        let deflate: DeflateParameters?
        let number: Int
    }

    /// The outcome of the first request.
    enum Outcome: Sendable {
        case accepted(Response)
        /// The client uses HTTP/2, and has sent these bytes.
        case http2(ByteBuffer?)
    }

    /// The reason why a client was not accepted.
    enum Failure: Error {
        case rejected(ServerHandshake.Rejection, HTTPRequestHead?)
        case transport(any Error)
        case ended
    }

    private enum State {
        case awaitingHead
        case awaitingEnd(HTTPRequestHead)
        case done
    }

    /// How long a rejected client has to read the response.
    private static let lingerTime: TimeAmount = .seconds(1)

    private let options: Listener.Options
    private let slots: ClientSlots
    private let start: RequestStart
    private let promise: EventLoopPromise<Outcome>
    private var state: State = .awaitingHead
    private var timer: Scheduled<Void>?

    /// Creates a handler for one client.
    ///
    /// - Parameters:
    ///   - options: the configuration of the server.
    ///   - slots: the limit on the number of clients.
    ///   - start: the handler before the decoder.
    ///   - promise: a promise that succeeds when the client uses HTTP/2, or is accepted and the response has been written,
    ///     but not flushed; otherwise it fails with `Failure`.
    init(_ options: Listener.Options, _ slots: ClientSlots, _ start: RequestStart, promise: EventLoopPromise<Outcome>) {
        self.options = options
        self.slots = slots
        self.start = start
        self.promise = promise
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let limit = Duration.nanoseconds(options.handshakeTimeout.nanoseconds)
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: options.handshakeTimeout) {
            let reason = "the opening handshake timed out after \(limit)"
            self.reject(.init(status: .requestTimeout, reason: reason), nil, context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, unwrapInboundIn(data)) {
        case (.awaitingHead, .head(let request)):
            do throws(ServerHandshake.Rejection) {
                try ServerHandshake.check(request, allowedOrigins: options.allowedOrigins)
                state = .awaitingEnd(request)
            } catch {
                reject(error, request, context)
            }
        case (.awaitingEnd(let request), .end):
            do throws(ServerHandshake.Rejection) {
                accept(request, number: try slots.take(), context)
            } catch {
                reject(error, request, context)
            }
        default:
            break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let preface = event as? RequestStart.HTTP2Preface { return useHTTP2(preface.bytes) }
        if case .handshakeCompleted(negotiatedProtocol: "h2")? = event as? TLSUserEvent { return useHTTP2(nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func useHTTP2(_ bytes: ByteBuffer?) {
        guard case .awaitingHead = state else { return }
        state = .done
        timer?.cancel()
        promise.succeed(.http2(bytes))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError {
            reject(start.rejection(for: error), nil, context)
        } else {
            fail(.transport(error))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.ended)
        context.fireChannelInactive()
    }

    private func accept(_ request: HTTPRequestHead, number: Int, _ context: ChannelHandlerContext) {
        state = .done
        timer?.cancel()
        let (head, deflate) = ServerHandshake.answer(request, options)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        promise.succeed(.accepted(Response(request: request, head: head, deflate: deflate, number: number)))
    }

    private func reject(
        _ rejection: ServerHandshake.Rejection,
        _ request: HTTPRequestHead?,
        _ context: ChannelHandlerContext
    ) {
        if case .done = state { return }
        let body = ByteBuffer(string: rejection.reason + "\n")
        var headers = HTTPHeaders([
            ("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "\(body.readableBytes)"),
            ("Connection", "close"),
        ])
        if rejection.status == .upgradeRequired {
            headers.add(name: "Upgrade", value: "websocket")
            headers.add(name: "Sec-WebSocket-Version", value: "13")
        }
        let head = HTTPResponseHead(version: .http1_1, status: rejection.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        // Keep reading until the client has seen the end of the response; a reset would discard it.
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) { context.close(promise: nil) }
        fail(.rejected(rejection, request))
    }

    private func fail(_ failure: Failure) {
        if case .done = state { return }
        state = .done
        timer?.cancel()
        promise.fail(failure)
    }
}

/// A handler that inspects the first bytes of a request, to distinguish TLS, HTTP/1 and HTTP/2.
final class RequestStart: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// An event that reports the first bytes of an HTTP/2 connection (RFC 9113, section 3.4), which are not passed on.
    struct HTTP2Preface {
        let bytes: ByteBuffer
    }

    private let acceptsHTTP2: Bool
    private var firstByte: UInt8?

    init(acceptsHTTP2: Bool) {
        self.acceptsHTTP2 = acceptsHTTP2
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if firstByte == nil {
            let buffer = unwrapInboundIn(data)
            firstByte = buffer.getInteger(at: buffer.readerIndex)
            if acceptsHTTP2, buffer.readableBytesView.starts(with: "PRI * HTTP/2".utf8) {
                return context.fireUserInboundEventTriggered(HTTP2Preface(bytes: buffer))
            }
        }
        context.fireChannelRead(data)
    }

    /// Returns the rejection for a request that cannot be parsed.
    func rejection(for error: any Error) -> ServerHandshake.Rejection {
        // The content type of a TLS handshake record (RFC 8446, section 5.1).
        let isTLS = firstByte == 0x16
        let words = isTLS ? "it uses TLS, but this server is ws://" : "not an HTTP request (\(error))"
        return .init(status: .badRequest, reason: "malformed HTTP request", words: words)
    }
}
