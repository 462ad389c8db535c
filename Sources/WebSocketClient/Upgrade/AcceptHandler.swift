import NIOCore
import NIOHTTP1
import WebSocketProtocol

/// Answers a client's opening handshake.
final class AcceptHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case awaitingHead
        case awaitingEnd(ServerHandshake.Acceptance)
        case done
    }

    private let subprotocols: [String]
    private let compresses: Bool
    private let promise: EventLoopPromise<DeflateParameters?>
    private var state: State = .awaitingHead

    /// Creates the handler of one client.
    ///
    /// - Parameters:
    ///   - subprotocols: those that the server speaks.
    ///   - compresses: whether permessage-deflate is agreed to.
    ///   - promise: succeeds when the client has been answered with 101.
    init(subprotocols: [String], compresses: Bool, promise: EventLoopPromise<DeflateParameters?>) {
        self.subprotocols = subprotocols
        self.compresses = compresses
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, unwrapInboundIn(data)) {
        case (.awaitingHead, .head(let request)):
            do throws(ServerHandshake.Rejection) {
                state = .awaitingEnd(
                    try ServerHandshake.answer(request, subprotocols: subprotocols, compresses: compresses)
                )
            } catch {
                reject(error, context)
            }
        case (.awaitingEnd(let acceptance), .end):
            state = .done
            context.write(wrapOutboundOut(.head(acceptance.head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            promise.succeed(acceptance.deflate)
        default:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    private func reject(_ rejection: ServerHandshake.Rejection, _ context: ChannelHandlerContext) {
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
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
        fail(rejection)
    }

    private func fail(_ error: any Error) {
        if case .done = state { return }
        state = .done
        promise.fail(error)
    }
}
