import NIOHTTP1
import WebSocketProtocol

/// The server's side of an opening handshake (RFC 6455, section 4.2).
enum ServerHandshake {
    /// The response to a request that is not accepted: its status, and the reason as its body.
    struct Rejection: Error {
        let status: HTTPResponseStatus
        let reason: String
        /// The reason as reported to the operator of the server; nil if it is the same.
        var words: String?
    }

    /// Checks a request.
    ///
    /// - Parameters:
    ///   - request: the client's request.
    ///   - allowedOrigins: the origins of web pages that may connect; empty to allow all.
    /// - Throws: `Rejection` for a request that is not a valid opening handshake, or that has another origin.
    static func check(_ request: HTTPRequestHead, allowedOrigins: [String] = []) throws(Rejection) {
        if request.version == .http2 { try checkConnect(request) } else { try checkUpgrade(request) }
        // Origins must be checked (RFC 6455, section 10.2). Scheme and host are case-insensitive (RFC 6454, section 4).
        let origins = request.headers["origin"]
        guard
            allowedOrigins.isEmpty
                || origins.allSatisfy({ origin in allowedOrigins.contains { $0.lowercased() == origin.lowercased() } })
        else {
            let named = origins.joined(separator: ", ")
            throw Rejection(
                status: .forbidden,
                reason: "the origin \"\(named)\" is not allowed",
                words: "origin \"\(named)\" is not allowed"
            )
        }
    }

    /// Checks the parts of a request that only HTTP/2 has (RFC 8441, section 5).
    private static func checkConnect(_ request: HTTPRequestHead) throws(Rejection) {
        let headers = request.headers
        guard request.method == .CONNECT, headers[":protocol"] == ["websocket"] else {
            throw Rejection(
                status: .badRequest,
                reason: "this is a WebSocket server: send an extended CONNECT with :protocol websocket",
                words: "not a WebSocket request (\(request.method.rawValue) \(request.uri))"
            )
        }
        guard headers["sec-websocket-version"] == ["13"] else {
            throw Rejection(status: .badRequest, reason: "only WebSocket version 13 is supported")
        }
    }

    /// Checks the parts of a request that only HTTP/1 has (RFC 6455, section 4.2.1).
    private static func checkUpgrade(_ request: HTTPRequestHead) throws(Rejection) {
        let headers = request.headers
        guard headers[canonicalForm: "upgrade"].contains(where: { $0.lowercased() == "websocket" }) else {
            throw Rejection(
                status: .upgradeRequired,
                reason: "this is a WebSocket server: send Upgrade: websocket",
                words: "not a WebSocket request (\(request.method.rawValue) \(request.uri))"
            )
        }
        guard request.method == .GET, request.version == .http1_1 else {
            throw Rejection(status: .badRequest, reason: "the opening handshake must be a GET request with HTTP/1.1")
        }
        guard headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) else {
            throw Rejection(status: .badRequest, reason: "the Connection header must contain Upgrade")
        }
        guard headers["sec-websocket-version"] == ["13"] else {
            throw Rejection(status: .upgradeRequired, reason: "only WebSocket version 13 is supported")
        }
        guard headers["host"].count == 1 else {
            throw Rejection(status: .badRequest, reason: "there must be exactly one Host header")
        }
        let keys = headers["sec-websocket-key"]
        guard keys.count == 1, AcceptKey.isValid(key: keys[0]) else {
            throw Rejection(
                status: .badRequest,
                reason: "there must be one Sec-WebSocket-Key header with 16 bytes in base64"
            )
        }
    }

    /// Returns the response to a request that passed `check`.
    ///
    /// - Parameters:
    ///   - request: the client's request.
    ///   - options: the configuration of the server, which selects the client's first supported subprotocol.
    /// - Returns: the response, and the agreed parameters of permessage-deflate.
    static func answer(_ request: HTTPRequestHead, _ options: Listener.Options) -> (
        HTTPResponseHead, DeflateParameters?
    ) {
        let headers = request.headers
        let isHTTP2 = request.version == .http2
        var answer = HTTPHeaders()
        if !isHTTP2 {
            answer.add(name: "Upgrade", value: "websocket")
            answer.add(name: "Connection", value: "Upgrade")
            let key = headers["sec-websocket-key"].first ?? ""
            answer.add(name: "Sec-WebSocket-Accept", value: AcceptKey.accept(for: key))
        }
        let offered = headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        if let chosen = offered.first(where: options.subprotocols.contains) {
            answer.add(name: "Sec-WebSocket-Protocol", value: chosen)
        }
        let deflate = options.compresses ? DeflateParameters.accepted(from: headers["sec-websocket-extensions"]) : nil
        if let deflate { answer.add(name: "Sec-WebSocket-Extensions", value: deflate.answer) }
        for (name, value) in options.headers { answer.add(name: name, value: value) }
        let status = isHTTP2 ? HTTPResponseStatus.ok : .switchingProtocols
        return (HTTPResponseHead(version: request.version, status: status, headers: answer), deflate)
    }
}
