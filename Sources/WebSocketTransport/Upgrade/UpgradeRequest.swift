import NIOHTTP1
import WebSocketProtocol

/// A client's request for an upgrade, and the check of the response (RFC 6455, section 4.1).
struct UpgradeRequest {
    let head: HTTPRequestHead

    init(url: WebSocketURL, options: ConnectionConfiguration) {
        var headers = HTTPHeaders([
            ("Host", url.authority),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", AcceptKey.makeKey()),
            ("Sec-WebSocket-Version", "13"),
        ])
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
        head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target, headers: headers)
    }

    /// Checks a 101 response.
    ///
    /// - Parameter response: the status line and headers.
    /// - Returns: the agreed parameters of permessage-deflate; nil when it is not used.
    /// - Throws: `UpgradeViolation` for the first rule that the response violates.
    func check(_ response: HTTPResponseHead) throws(UpgradeViolation) -> DeflateParameters? {
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
}
