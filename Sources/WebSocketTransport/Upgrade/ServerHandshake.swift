import NIOHTTP1
import WebSocketProtocol

/// A server's answer to an opening handshake (RFC 6455, section 4.2).
enum ServerHandshake {
    /// Why a request is not answered with 101: the answer's status and its body of one line.
    struct Rejection: Error {
        let status: HTTPResponseStatus
        let reason: String
        /// What whoever runs the server is told; nil for the same.
        var words: String?
    }

    /// Checks a request.
    ///
    /// - Parameters:
    ///   - request: the client's request.
    ///   - allowedOrigins: the web pages that may connect; empty for all.
    /// - Throws: `Rejection` for a request that is not a client's opening handshake, or one of a page that may not connect.
    static func check(_ request: HTTPRequestHead, allowedOrigins: [String] = []) throws(Rejection) {
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
        // RFC 6455, section 10.2. Scheme and host know no case (RFC 6454, section 4).
        let origins = headers["origin"]
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

    /// Makes the answer to a request that `check` let pass.
    ///
    /// - Parameters:
    ///   - request: the client's request.
    ///   - options: what the server speaks; of its subprotocols the client's first choice is taken.
    /// - Returns: the answer, and what was agreed for permessage-deflate.
    static func answer(_ request: HTTPRequestHead, _ options: Listener.Options) -> (
        HTTPResponseHead, DeflateParameters?
    ) {
        let headers = request.headers
        var answer = HTTPHeaders([
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", AcceptKey.accept(for: headers["sec-websocket-key"].first ?? "")),
        ])
        let offered = headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        if let chosen = offered.first(where: options.subprotocols.contains) {
            answer.add(name: "Sec-WebSocket-Protocol", value: chosen)
        }
        let deflate = options.compresses ? DeflateParameters.accepted(from: headers["sec-websocket-extensions"]) : nil
        if let deflate { answer.add(name: "Sec-WebSocket-Extensions", value: deflate.answer) }
        for (name, value) in options.headers { answer.add(name: name, value: value) }
        return (HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: answer), deflate)
    }
}
