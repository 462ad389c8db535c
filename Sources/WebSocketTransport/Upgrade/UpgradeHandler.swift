import NIOCore
import NIOHTTP1
import WebSocketProtocol

/// Sends the opening handshake and reads the answer.
///
/// NIO's typed upgrader is not used: it gives no more than a Boolean for an answer that breaks a rule, where the user
/// is to be told which one.
final class UpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// Why the handshake failed, as far as it is known inside the pipeline.
    enum Failure: Error {
        case refused(Refusal)
        case violation(UpgradeViolation)
        case fault(ResponseFault)
        case transport(any Error)
        case ended
    }

    /// A 101 as it has to be.
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

    /// How long the body of a refusal is awaited, which may never end.
    private static let bodyTime: TimeAmount = .seconds(1)

    private let request: UpgradeRequest
    private let recorder: ResponseRecorder
    private let promise: EventLoopPromise<Response>
    private var state: State = .idle

    /// Creates the handler of one attempt.
    ///
    /// - Parameters:
    ///   - request: what is asked.
    ///   - recorder: what stands before the decoder.
    ///   - promise: gets the answer when it is a 101 as it has to be, else a `Failure`.
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
            guard head.status == .switchingProtocols else {
                state = .readingRefusal(Refusal(response: head, body: ByteBuffer()))
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

    /// Takes a refusal as it is: cut short, it is still the server's answer.
    private func endBody(_ context: ChannelHandlerContext) {
        if case .readingRefusal(let refusal) = state { fail(.refused(refusal), context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail(.ended, context)
    }

    /// Ends the attempt; without effect once it has ended.
    func fail(_ failure: Failure, _ context: ChannelHandlerContext) {
        if case .done = state { return }
        state = .done
        promise.fail(failure)
        context.close(promise: nil)
    }
}
