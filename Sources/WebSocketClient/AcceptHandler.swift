import NIOCore
import NIOHTTP1

/// Answers a client's opening handshake.
final class AcceptHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case awaitingHead
        case awaitingEnd(HTTPResponseHead)
        case done
    }

    private let subprotocols: [String]
    private let promise: EventLoopPromise<Void>
    private var state: State = .awaitingHead

    /// Creates the handler of one client.
    ///
    /// - Parameters:
    ///   - subprotocols: those that the server speaks.
    ///   - promise: succeeds when the client has been answered with 101.
    init(subprotocols: [String], promise: EventLoopPromise<Void>) {
        self.subprotocols = subprotocols
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, unwrapInboundIn(data)) {
        case (.awaitingHead, .head(let request)):
            do throws(ServerHandshake.Rejection) {
                state = .awaitingEnd(try ServerHandshake.answer(request, subprotocols: subprotocols))
            } catch {
                reject(error, context)
            }
        case (.awaitingEnd(let answer), .end):
            state = .done
            context.write(wrapOutboundOut(.head(answer)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            promise.succeed()
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
