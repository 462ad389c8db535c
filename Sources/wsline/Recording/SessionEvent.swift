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
    /// The server refused the opening handshake; without a refusal, a certificate was rejected.
    case refused(url: String, Refusal?, options: [String], connection: String? = nil)
    case entry(Direction, MessageBatch.Kind, UnsafeRawBufferPointer, roundTrip: TimeAmount?)
    case close(CloseFrame, byServer: Bool)
    /// The connection ended without a Close frame from the peer.
    case lost
    /// This side closed the connection because the peer violated the protocol.
    case violation(ProtocolError, byServer: Bool)
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
            writer.field("http_version", handshake.response.version.number)
            writer.field("subprotocol", handshake.subprotocol)
            writer.field("extensions", handshake.deflate?.answer)
            writer.field("tls", handshake.tls?.version)
            writer.fields(of: handshake.request, options)
        case .refused(let url, let refusal, let options, let connection):
            writer.field("event", "refused")
            if let connection { writer.field("connection", connection) }
            writer.field("url", url)
            writer.field("status", refusal.map { Int($0.response.status.code) })
            writer.field("http_version", refusal?.response.version.number)
            let offered = refusal?.request.headers[canonicalForm: "sec-websocket-protocol"].map(String.init) ?? []
            if !offered.isEmpty { writer.field("subprotocols", offered) }
            writer.fields(of: refusal?.request, options)
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
            writer.close(frame.code, frame.reason, by: byServer ? "server" : "client", isClean: true)
        case .lost: writer.close(nil, "", by: nil, isClean: false)
        case .violation(let error, let byServer):
            writer.close(error.closeCode, "\(error)", by: byServer ? "server" : "client", isClean: false)
        case .error(let failure):
            writer.field("event", "error")
            writer.field("exit", Int(failure.status.code))
            writer.field("message", failure.message)
        }
        output = writer.finish()
    }
}

extension SessionEvent {
    /// Creates the event for the end of a connection.
    init(_ outcome: CloseOutcome, atServer: Bool = false) {
        switch outcome {
        // The Close frame that started the handshake, not the reply to it.
        case .closed(let frame, let answered):
            self = .close(answered ?? frame, byServer: (answered == nil) != atServer)
        case .violation(let error): self = .violation(error, byServer: atServer)
        case .lost, .closeTimedOut: self = .lost
        }
    }

    /// Creates the event for an attempt to connect that the server refused, or in which a certificate was rejected; nil
    /// for other errors.
    static func refused(
        url: String,
        _ error: any Error,
        _ configuration: ConnectionConfiguration,
        connection: String? = nil
    ) -> SessionEvent? {
        let refusal: Refusal?
        switch error as? ConnectError {
        case .refused(_, let response): refusal = response
        case .certificateNotAccepted, .clientCertificateNotAccepted: refusal = nil
        default: return nil
        }
        let options = configuration.recordedOptions(isHTTP2: refusal?.request.version == .http2)
        return .refused(url: url, refusal, options: options, connection: connection)
    }
}

extension JSONObjectWriter {
    fileprivate mutating func close(_ code: CloseCode?, _ reason: String, by side: String?, isClean: Bool) {
        field("event", "close")
        field("code", (code?.rawValue).map(Int.init))
        field("reason", reason)
        field("by", side)
        field("clean", isClean)
    }

    /// Appends the request header fields that options have set, and other options.
    fileprivate mutating func fields(of request: HTTPRequestHead?, _ options: [String]) {
        let headers = RecordedHandshake.recordable(request?.headers.map { ($0.name, $0.value) } ?? [])
        if !headers.isEmpty { field("headers", headers) }
        if !options.isEmpty { field("options", options) }
    }
}

extension HTTPVersion {
    /// The number of the version: "1.1" or "2".
    fileprivate var number: String { String(words.dropFirst("HTTP/".count)) }
}

extension ConnectionConfiguration {
    /// Returns the options that a recording cannot show otherwise, but that a script needs to connect again, without the
    /// names of files.
    ///
    /// - Parameter isHTTP2: whether the connection uses HTTP/2.
    /// - Returns: the options as lines of a script.
    func recordedOptions(isHTTP2: Bool) -> [String] {
        var names: [String] = []
        if case .file = tls.authorities { names.append("ca") }
        if tls.identity != nil { names.append("cert") }
        if tls.acceptsAnyCertificate { names.append("no-check") }
        if let name = tls.serverName { names.append("servername \(name)") }
        switch http2 {
        case .never: break
        case .ifSupported, .always: if isHTTP2 { names.append("http2") }
        case .priorKnowledge: names.append("http2-prior-knowledge")
        }
        if maximumRedirects > 0 { names.append("location") }
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
