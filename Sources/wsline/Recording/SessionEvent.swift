import MessageText
import NIOCore
import NIOHTTP1
import TestScript
import WebSocketTransport
import WebSocketProtocol

#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// An event of a session, written as a line of JSON by `--json` and `--record`.
enum SessionEvent {
    /// The direction of a message.
    enum Direction: String {
        case sent, received
    }

    /// The URL as the user wrote it. In a test with several connections, each has a name; one may be empty.
    case open(url: String, Handshake, options: [String], connection: String? = nil)
    case entry(Direction, MessageBatch.Kind, UnsafeRawBufferPointer, roundTrip: TimeAmount?)
    case close(CloseFrame, byServer: Bool)
    /// The connection ended without a Close frame from the peer.
    case lost
    case error(Failure)

    /// Appends the event as a line of JSON.
    ///
    /// - Parameters:
    ///   - time: the time of the event in RFC 3339 format.
    ///   - client: the number of the client at a server; nil in a session, and for messages to all clients.
    ///   - output: the buffer to append to.
    func append(time: String, client: Int? = nil, to output: inout [UInt8]) {
        var writer = JSONObjectWriter(output: output)
        output = []
        writer.field("time", time)
        if let client { writer.field("client", client) }
        switch self {
        case .open(let url, let handshake, let options, let connection):
            writer.field("event", "open")
            if let connection { writer.field("connection", connection) }
            writer.field("url", url)
            if let address = handshake.remoteAddress?.ipAddress, let port = handshake.remoteAddress?.port {
                writer.field("address", address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)")
            }
            writer.field("status", Int(handshake.response.status.code))
            writer.field("subprotocol", handshake.subprotocol)
            writer.field("extensions", handshake.deflate?.answer)
            writer.field("tls", handshake.tls?.version)
            let headers = RecordedHandshake.recordable(handshake.request.headers.map { ($0.name, $0.value) })
            if !headers.isEmpty { writer.field("headers", headers) }
            if !options.isEmpty { writer.field("options", options) }
        case .entry(let direction, let kind, let payload, let roundTrip):
            writer.field("event", kind.isMessage ? "message" : kind == .ping ? "ping" : "pong")
            writer.field("direction", direction.rawValue)
            if kind.isMessage { writer.field("type", kind == .text ? "text" : "binary") }
            if kind == .text || !kind.isMessage && UTF8Validator.firstInvalid(inText: payload) == nil {
                writer.field("data", utf8: payload)
            } else {
                writer.field("data_base64", Data(payload).base64EncodedString())
            }
            if let roundTrip { writer.field("rtt_ms", number: roundTrip.milliseconds) }
        case .close(let frame, let byServer):
            writer.field("event", "close")
            writer.field("code", (frame.code?.rawValue).map(Int.init))
            writer.field("reason", frame.reason)
            writer.field("by", byServer ? "server" : "client")
            writer.field("clean", true)
        case .lost:
            writer.field("event", "close")
            writer.field("code", nil as Int?)
            writer.field("reason", "")
            writer.field("by", nil as String?)
            writer.field("clean", false)
        case .error(let failure):
            writer.field("event", "error")
            writer.field("exit", Int(failure.status.code))
            writer.field("message", failure.message)
        }
        output = writer.finish()
    }
}

extension ConnectionConfiguration {
    /// Returns the options that a recording cannot show otherwise, but that a script needs to connect again, without the
    /// names of files.
    ///
    /// - Parameter handshake: the opening handshake of the connection.
    /// - Returns: the options as lines of a script.
    func recordedOptions(_ handshake: Handshake) -> [String] {
        var names: [String] = []
        if case .file = tls.authorities { names.append("ca") }
        if tls.identity != nil { names.append("cert") }
        if tls.acceptsAnyCertificate { names.append("no-check") }
        if let name = tls.serverName { names.append("servername \(name)") }
        switch http2 {
        case .never: break
        case .ifSupported, .always: if handshake.stream != nil { names.append("http2") }
        case .priorKnowledge: names.append("http2-prior-knowledge")
        }
        return names
    }
}

extension TimeAmount {
    /// The time in milliseconds with three decimals: "0.042".
    fileprivate var milliseconds: String {
        let microseconds = (nanoseconds + 500) / 1000
        let fraction = String(microseconds % 1000)
        return "\(microseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }
}
