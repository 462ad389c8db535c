import NIOHTTP1
import WebSocketProtocol

/// A client's request for an upgrade (RFC 6455, section 4.1) or, with HTTP/2, for an extended CONNECT (RFC 8441,
/// section 5), and the check of the response.
struct UpgradeRequest: Sendable {
    let head: HTTPRequestHead

    init(url: WebSocketURL, options: ConnectionConfiguration, version: HTTPVersion = .http1_1) {
        var headers = HTTPHeaders([("Host", url.authority)])
        if version == .http1_1 {
            headers.add(name: "Upgrade", value: "websocket")
            headers.add(name: "Connection", value: "Upgrade")
            headers.add(name: "Sec-WebSocket-Key", value: AcceptKey.makeKey())
        }
        headers.add(name: "Sec-WebSocket-Version", value: "13")
        if !options.subprotocols.isEmpty {
            headers.add(name: "Sec-WebSocket-Protocol", value: options.subprotocols.joined(separator: ", "))
        }
        if options.offersCompression {
            headers.add(name: "Sec-WebSocket-Extensions", value: DeflateParameters.clientOffer)
        }
        if let authorization = options.authorization ?? url.credentials?.basicAuthorization {
            headers.add(name: "Authorization", value: authorization)
        }
        let own = options.headers.map { $0.name.lowercased() }
        for name in Set(own) { headers.remove(name: name) }
        for (name, value) in options.headers where !value.isEmpty { headers.add(name: name, value: value) }
        guard version == .http2 else {
            head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target, headers: headers)
            return
        }
        var fields = HTTPHeaders([
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", url.isSecure ? "https" : "http"),
            (":path", url.target),
        ])
        if let authority = headers["host"].first { fields.add(name: ":authority", value: authority) }
        headers.remove(name: "host")
        for (name, value) in headers.forHTTP2 { fields.add(name: name, value: value) }
        head = HTTPRequestHead(version: .http2, method: .CONNECT, uri: url.target, headers: fields)
    }

    /// Whether a response accepts the request.
    func isAccepted(by response: HTTPResponseHead) -> Bool {
        head.version == .http2 ? 200..<300 ~= response.status.code : response.status == .switchingProtocols
    }

    /// Checks a response that accepts the request.
    ///
    /// - Parameter response: the status line and headers.
    /// - Returns: the agreed parameters of permessage-deflate; nil when it is not used.
    /// - Throws: `UpgradeViolation` for the first rule that the response violates.
    func check(_ response: HTTPResponseHead) throws(UpgradeViolation) -> DeflateParameters? {
        if head.version == .http1_1 { try checkUpgrade(response) }
        let headers = response.headers
        let offered = head.headers[canonicalForm: "sec-websocket-protocol"].map(String.init)
        let chosen = headers["sec-websocket-protocol"]
        guard chosen.isEmpty || chosen.count == 1 && offered.contains(chosen[0]) else {
            throw .subprotocol(received: chosen, offered: offered)
        }
        let extensions = head.headers["sec-websocket-extensions"].joined()
        do throws(DeflateParameters.Invalid) {
            return try DeflateParameters.agreed(
                by: headers["sec-websocket-extensions"],
                isOffered: extensions.contains(DeflateParameters.extensionName)
            )
        } catch {
            throw .extension(error)
        }
    }

    /// Checks the parts of a 101 response that only HTTP/1 has.
    private func checkUpgrade(_ response: HTTPResponseHead) throws(UpgradeViolation) {
        guard response.version == .http1_1 else { throw .version("\(response.version)") }
        let headers = response.headers
        let length = headers["content-length"].first ?? "0"
        guard length.allSatisfy({ $0 == "0" }) else { throw .body(length) }
        let upgrade = headers["upgrade"]
        guard upgrade.count == 1, upgrade[0].lowercased() == "websocket" else { throw .upgrade(upgrade) }
        guard headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) else {
            throw .connection(headers["connection"])
        }
        // Use the headers of the request, because the user may have replaced the key.
        let expected = AcceptKey.accept(for: head.headers["sec-websocket-key"].first ?? "")
        let accept = headers["sec-websocket-accept"]
        guard accept == [expected] else { throw .accept(received: accept, expected: expected) }
    }
}
