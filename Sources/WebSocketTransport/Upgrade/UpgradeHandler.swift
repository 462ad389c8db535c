import NIOCore
import NIOHTTP1
import WebSocketProtocol

/// A handler that sends a client's opening handshake and checks the response.
///
/// NIO's typed upgrader does not report which rule a response violates, and the user needs to know.
final class UpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// The reason why the handshake failed, as far as it is known in the pipeline.
    enum Failure: Error {
        case refused(Refusal)
        case violation(UpgradeViolation)
        case fault(ResponseFault)
        case transport(any Error)
        case ended
    }

    /// A valid response that accepts the request.
    struct Response {
        var head: HTTPResponseHead
        var deflate: DeflateParameters?
    }

    private enum State {
        case idle
        case awaitingHead
        case awaitingEnd(Response)
        case readingRefusal(Refusal)
        case done
    }

    /// How long to wait for the body of a refusal, which may never end.
    private static let bodyTime: TimeAmount = .seconds(1)

    private let request: UpgradeRequest
    private let recorder: ResponseRecorder
    private let promise: EventLoopPromise<Response>
    private var state: State = .idle

    /// Creates a handler for one attempt.
    ///
    /// - Parameters:
    ///   - request: the request to send.
    ///   - recorder: the handler before the decoder.
    ///   - promise: a promise that succeeds with a valid response that accepts the request, and otherwise fails with `Failure`.
    init(request: UpgradeRequest, recorder: ResponseRecorder, promise: EventLoopPromise<Response>) {
        self.request = request
        self.recorder = recorder
        self.promise = promise
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { sendRequest(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        sendRequest(context)
        context.fireChannelActive()
    }

    private func sendRequest(_ context: ChannelHandlerContext) {
        guard case .idle = state else { return }
        state = .awaitingHead
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, unwrapInboundIn(data)) {
        case (.awaitingHead, .head(let head)):
            recorder.headEnded()
            guard request.isAccepted(by: head) else {
                state = .readingRefusal(Refusal(request: request.head, response: head, body: ByteBuffer()))
                context.eventLoop.assumeIsolated().scheduleTask(in: Self.bodyTime) { self.endBody(context) }
                return
            }
            do throws(UpgradeViolation) {
                state = .awaitingEnd(Response(head: head, deflate: try request.check(head)))
            } catch {
                fail(.violation(error), context)
            }
        case (.awaitingEnd(let answer), .end):
            state = .done
            promise.succeed(answer)
        case (.readingRefusal(var refusal), .body(var bytes)):
            let room = Refusal.maximumBodySize - refusal.body.readableBytes
            if let part = bytes.readSlice(length: min(room, bytes.readableBytes)) {
                refusal.body.writeImmutableBuffer(part)
            }
            state = .readingRefusal(refusal)
            if refusal.body.readableBytes == Refusal.maximumBodySize { fail(.refused(refusal), context) }
        case (.readingRefusal(let refusal), .end):
            fail(.refused(refusal), context)
        default:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        endBody(context)
        switch error {
        case is HTTPParserError, is ResponseFault:
            fail(.fault(ResponseFault(in: recorder.start, error)), context)
        default: fail(.transport(error), context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        endBody(context)
        fail(.ended, context)
        context.fireChannelInactive()
    }

    /// Reports the refusal, even if its body is incomplete.
    private func endBody(_ context: ChannelHandlerContext) {
        if case .readingRefusal(let refusal) = state { fail(.refused(refusal), context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail(.ended, context)
    }

    /// Fails the attempt. Has no effect when the attempt has ended.
    func fail(_ failure: Failure, _ context: ChannelHandlerContext) {
        if case .done = state { return }
        state = .done
        promise.fail(failure)
        context.close(promise: nil)
    }
}
