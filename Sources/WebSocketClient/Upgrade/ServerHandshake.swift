import NIOHTTP1
import WebSocketProtocol

/// A server's answer to an opening handshake (RFC 6455, section 4.2).
enum ServerHandshake {
    /// Why a request is not answered with 101: the answer's status and its body of one line.
    struct Rejection: Error {
        let status: HTTPResponseStatus
        let reason: String
    }

    /// What is answered to a request that is accepted, and what was agreed with it.
    struct Acceptance {
        var head: HTTPResponseHead
        var deflate: DeflateParameters?
    }

    /// Accepts a request.
    ///
    /// - Parameters:
    ///   - request: the client's request.
    ///   - subprotocols: those the server speaks; the client's first choice among them is taken.
    ///   - compresses: whether permessage-deflate is agreed to.
    /// - Returns: the answer.
    /// - Throws: `Rejection` for a request that is not a client's opening handshake.
    static func answer(
        _ request: HTTPRequestHead,
        subprotocols: [String],
        compresses: Bool
    ) throws(Rejection) -> Acceptance {
        let headers = request.headers
        guard headers[canonicalForm: "upgrade"].contains(where: { $0.lowercased() == "websocket" }) else {
            throw Rejection(status: .upgradeRequired, reason: "this is a WebSocket server: send Upgrade: websocket")
        }
        guard request.method == .GET, request.version == .http1_1 else {
            throw Rejection(status: .badRequest, reason: "an opening handshake is GET with HTTP/1.1")
        }
        guard headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) else {
            throw Rejection(status: .badRequest, reason: "the Connection header does not say Upgrade")
        }
        guard headers["sec-websocket-version"] == ["13"] else {
            throw Rejection(status: .upgradeRequired, reason: "only version 13 of the WebSocket protocol is spoken")
        }
        guard headers["host"].count == 1 else {
            throw Rejection(status: .badRequest, reason: "there is not one Host header")
        }
        let keys = headers["sec-websocket-key"]
        guard keys.count == 1, AcceptKey.isValid(key: keys[0]) else {
            throw Rejection(status: .badRequest, reason: "there is not one Sec-WebSocket-Key of 16 bytes in base64")
        }
        var answer = HTTPHeaders([
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", AcceptKey.accept(for: keys[0])),
        ])
        let offered = headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        if let chosen = offered.first(where: subprotocols.contains) {
            answer.add(name: "Sec-WebSocket-Protocol", value: chosen)
        }
        let deflate = compresses ? DeflateParameters.accepted(from: headers["sec-websocket-extensions"]) : nil
        if let deflate { answer.add(name: "Sec-WebSocket-Extensions", value: deflate.answer) }
        return Acceptance(
            head: HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: answer),
            deflate: deflate
        )
    }
}
