import MessageText
import NIOCore
import NIOHTTP1
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// The lines that `/info` prints.
struct ConnectionReport {
    let url: WebSocketURL
    let connection: Connection
    /// When the connection was opened.
    let start: NIODeadline
    private var meter: RateMeter

    init(url: WebSocketURL, connection: Connection, start: NIODeadline) {
        (self.url, self.connection, self.start) = (url, connection, start)
        meter = RateMeter(start: start)
    }

    /// Records the traffic at a time.
    mutating func note(at time: NIODeadline) { meter.note(connection.statistics, at: time) }

    /// Returns the lines to print.
    ///
    /// - Parameters:
    ///   - roundTrip: the round-trip time of the newest pong, if any.
    ///   - showsSecrets: whether to show secrets in the response.
    /// - Returns: the lines to print.
    func lines(roundTrip: TimeAmount?, showsSecrets: Bool) -> [String] {
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
        let rates = meter.rates(statistics, at: .now())
        let response = handshake.response
        let headers = response.headers.map { name, value in
            "             \(name): \(showsSecrets ? value : Redaction.headerValue(value, of: name))"
        }
        return [
            "URL          \(url)",
            "address      \(address ?? "unknown")",
            "TLS          \(handshake.tls?.words ?? "none")",
            "HTTP         \(handshake.response.version.words)\(handshake.stream.map { ", stream \($0)" } ?? "")",
            "subprotocol  \(handshake.subprotocol ?? "none")",
            "extensions   \(handshake.deflate?.answer ?? "none")",
            "sent         \(sent)",
            "received     \(received)",
            "round trip   \(roundTrip?.inMilliseconds ?? "unknown; /ping measures it")",
            "open for     \(Self.time(NIODeadline.now() - start))",
            "last 10 s    \(Self.rate(rates.messagesReceived, rates.bytesReceived, "received")), "
                + Self.rate(rates.messagesSent, rates.bytesSent, "sent"),
            "response     \(response.status.code) \(response.status.reasonPhrase)",
        ] + headers
    }

    private static func amount(_ messages: Int, _ bytes: Int, _ wireBytes: Int) -> String {
        let amount = "\(messages) message\(messages == 1 ? "" : "s"), \(bytes) byte\(bytes == 1 ? "" : "s")"
        guard wireBytes != bytes, bytes > 0 else { return amount }
        return amount + " (compressed to \(wireBytes), \(100 * wireBytes / bytes) %)"
    }

    /// Formats rates: "12.5 messages/s and 1250 bytes/s received".
    private static func rate(_ messages: Double, _ bytes: Double, _ action: String) -> String {
        "\(Seconds.format((messages * 10).rounded() / 10)) messages/s and \(Int(bytes)) bytes/s \(action)"
    }

    /// Formats a time: "3 min 2 s".
    static func time(_ amount: TimeAmount) -> String {
        let seconds = amount.nanoseconds / 1_000_000_000
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
        return parts.drop { $0.0 == 0 && $0.1 != "s" }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
