import MessageText
import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2

/// A codec for the client's side of an extended CONNECT (RFC 8441, section 4).
///
/// Requests and responses have the types of HTTP/1, with pseudo-headers as the first headers of a request.
final class ExtendedConnectClientCodec: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let connectionFault: () -> HTTP2Fault?

    /// Creates a codec.
    ///
    /// - Parameter connectionFault: returns the reason why the connection ended, if it has.
    init(connectionFault: @escaping () -> HTTP2Fault?) {
        self.connectionFault = connectionFault
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(let head) = unwrapOutboundIn(data) else {
            promise?.succeed()
            return
        }
        let block = HPACKHeaders(fields: head.headers.map { ($0.name, $0.value) })
        context.write(wrapOutboundOut(.headers(.init(headers: block))), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let block):
            guard let status = block.headers.first(name: ":status").flatMap({ Int($0) }) else {
                return context.fireChannelRead(wrapInboundOut(.end(nil)))
            }
            guard status >= 200 else { return }
            let isAccepted = status < 300
            // A WebSocket that ends at once was not opened.
            guard !(isAccepted && block.endStream) else { return context.close(promise: nil) }
            let head = HTTPResponseHead(
                version: .http2,
                status: HTTPResponseStatus(statusCode: status),
                headers: HTTPHeaders(block.headers.filter { !$0.name.hasPrefix(":") }.map { ($0.name, $0.value) })
            )
            context.fireChannelRead(wrapInboundOut(.head(head)))
            if isAccepted || block.endStream { context.fireChannelRead(wrapInboundOut(.end(nil))) }
        case .data(let data):
            if case .byteBuffer(let bytes) = data.data { context.fireChannelRead(wrapInboundOut(.body(bytes))) }
            if data.endStream { context.fireChannelRead(wrapInboundOut(.end(nil))) }
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(connectionFault() ?? HTTP2Fault(error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let fault = connectionFault() { context.fireErrorCaught(fault) }
        context.fireChannelInactive()
    }
}

extension HTTPVersion {
    static let http2 = HTTPVersion(major: 2, minor: 0)
}

extension HTTPHeaders {
    /// Headers that concern an HTTP/1 connection (RFC 9113, section 8.2.2).
    private static let connectionHeaders: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
    ]

    /// The headers as HTTP/2 has them: with names in lowercase, and without those that it does not allow.
    var forHTTP2: [(String, String)] {
        compactMap { name, value in
            let name = name.lowercased()
            let isAllowed = !Self.connectionHeaders.contains(name) && (name != "te" || value == "trailers")
            return isAllowed ? (name, value) : nil
        }
    }
}

extension HPACKHeaders {
    /// Creates a field block, in which secrets are not indexed (RFC 7541, section 7.1.3).
    init(fields: some Sequence<(String, String)>) {
        self.init()
        for (name, value) in fields {
            add(name: name, value: value, indexing: Redaction.isSecret(name) ? .neverIndexed : .indexable)
        }
    }
}

/// A codec for the server's side of an extended CONNECT, which turns every request into the types of HTTP/1.
final class ExtendedConnectServerCodec: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTP2Frame.FramePayload

    private var isAccepted = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // The body of a request that is no WebSocket is not needed.
        guard case .headers(let block) = unwrapInboundIn(data), let method = block.headers.first(name: ":method") else {
            return
        }
        let head = HTTPRequestHead(
            version: .http2,
            method: HTTPMethod(rawValue: method),
            uri: block.headers.first(name: ":path") ?? block.headers.first(name: ":authority") ?? "",
            headers: HTTPHeaders(block.headers.map { ($0.name, $0.value) })
        )
        context.fireChannelRead(wrapInboundOut(.head(head)))
        context.fireChannelRead(wrapInboundOut(.end(nil)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            isAccepted = 200..<300 ~= head.status.code
            let block = HPACKHeaders(fields: [(":status", "\(head.status.code)")] + head.headers.forHTTP2)
            context.write(wrapOutboundOut(.headers(.init(headers: block))), promise: promise)
        case .body(let bytes): context.write(wrapOutboundOut(.data(.init(data: bytes))), promise: promise)
        case .end where isAccepted: promise?.succeed()
        case .end:
            let end = HTTP2Frame.FramePayload.Data(data: .byteBuffer(ByteBuffer()), endStream: true)
            context.write(wrapOutboundOut(.data(end)), promise: promise)
        }
    }

    /// A stream has ended in one direction with END_STREAM already.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(HTTP2Fault(error))
    }
}
