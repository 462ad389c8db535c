import NIOCore
import NIOHTTP1
import WebSocketTransport
import WebSocketProtocol

/// The lines that `/info` prints.
struct ConnectionReport: Sendable {
    let url: WebSocketURL
    let connection: Connection
    /// When the connection was opened.
    let start: NIODeadline

    /// Returns the lines to print.
    ///
    /// - Parameter roundTrip: the round-trip time of the newest pong, if any.
    /// - Returns: the lines to print.
    func lines(roundTrip: TimeAmount?) -> [String] {
        let handshake = connection.handshake
        let statistics = connection.statistics
        let address = handshake.remoteAddress.flatMap { address in
            address.ipAddress.map { ip in "\(ip), port \(address.port ?? url.port)" }
        }
        let sent = Self.amount(statistics.messagesSent, statistics.bytesSent, statistics.wireBytesSent)
        let received = Self.amount(
            statistics.messagesReceived,
            statistics.bytesReceived,
            statistics.wireBytesReceived
        )
        return [
            "URL          \(url)",
            "address      \(address ?? "unknown")",
            "TLS          \(handshake.tls?.words ?? "none")",
            "HTTP         \(handshake.response.version.words)",
            "subprotocol  \(handshake.subprotocol ?? "none")",
            "extensions   \(handshake.deflate?.answer ?? "none")",
            "sent         \(sent)",
            "received     \(received)",
            "round trip   \(roundTrip?.inMilliseconds ?? "unknown; /ping measures it")",
            "open for     \(Self.time(NIODeadline.now() - start))",
        ]
    }

    private static func amount(_ messages: Int, _ bytes: Int, _ wireBytes: Int) -> String {
        let amount = "\(messages) message\(messages == 1 ? "" : "s"), \(bytes) byte\(bytes == 1 ? "" : "s")"
        guard wireBytes != bytes, bytes > 0 else { return amount }
        return amount + " (compressed to \(wireBytes), \(100 * wireBytes / bytes) %)"
    }

    /// Formats a time: "3 min 2 s".
    static func time(_ amount: TimeAmount) -> String {
        let seconds = amount.nanoseconds / 1_000_000_000
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
        return parts.drop { $0.0 == 0 && $0.1 != "s" }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
