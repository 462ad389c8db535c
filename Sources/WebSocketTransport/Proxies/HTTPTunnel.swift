import NIOCore
import NIOHTTP1

/// A handler that requests a tunnel to the server from an HTTP proxy (RFC 9110, section 9.3.6).
///
/// NIO's own handler reports no status except 407, and the user needs to know the status.
final class HTTPTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: HTTPRequestHead
    private let promise: EventLoopPromise<Void>
    private let recorder: ResponseRecorder
    private var isDone = false
    private var refusal: Refusal?

    /// Creates a handler for one attempt.
    ///
    /// - Parameters:
    ///   - authority: the host and port of the server.
    ///   - credentials: the user name and password for the proxy.
    ///   - recorder: the handler that limits the size of the proxy's response head.
    ///   - promise: a promise that succeeds when the tunnel is open, and otherwise fails with `ProxyFailure`.
    init(
        authority: String,
        credentials: Credentials?,
        recorder: ResponseRecorder,
        promise: EventLoopPromise<Void>
    ) {
        var headers = HTTPHeaders([("Host", authority)])
        if let credentials { headers.add(name: "Proxy-Authorization", value: credentials.basicAuthorization) }
        request = HTTPRequestHead(version: .http1_1, method: .CONNECT, uri: authority, headers: headers)
        (self.recorder, self.promise) = (recorder, promise)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            recorder.headEnded()
            guard !(200..<300).contains(head.status.code) else { return }
            refusal = Refusal(request: request, response: head, body: ByteBuffer())
        case .body(var bytes):
            guard let room = refusal.map({ Refusal.maximumBodySize - $0.body.readableBytes }) else {
                return fail(.unreadable("it contains a body, but the tunnel begins there"))
            }
            if let part = bytes.readSlice(length: min(room, bytes.readableBytes)) {
                refusal?.body.writeImmutableBuffer(part)
            }
            // The body may never end.
            if let refusal, bytes.readableBytes > 0 { fail(.refused(refusal)) }
        case .end:
            if let refusal { return fail(.refused(refusal)) }
            guard !isDone else { return }
            isDone = true
            promise.succeed(())
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let refusal { return fail(.refused(refusal)) }
        switch error {
        case let fault as ResponseFault: fail(.unreadable("\(fault)"))
        case is HTTPParserError: fail(.unreadable("it is not HTTP"))
        default: fail(ProxyFailure(transport: error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(refusal.map(ProxyFailure.refused) ?? .ended(reason: nil))
        context.fireChannelInactive()
    }

    private func fail(_ failure: ProxyFailure) {
        guard !isDone else { return }
        isDone = true
        promise.fail(failure)
    }
}
