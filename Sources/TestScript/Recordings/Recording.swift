import MessageText
import NIOCore
package import WebSocketProtocol

#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// A session recorded with `--record`.
package struct Recording: Sendable {
    /// The direction of a message.
    package enum Direction: String, Sendable {
        case sent, received
    }

    /// An event of the session.
    package enum Event: Sendable {
        case message(Direction, ScriptMessage)
        case ping(Direction, [UInt8])
        case pong(Direction, [UInt8])
        /// The connection was closed; the code is nil if the Close frame had none.
        case close(CloseCode?, reason: String, byServer: Bool)
        /// The connection ended without a Close frame.
        case lost
        /// The client closed the connection because the server violated the protocol.
        case violation(String)
        /// The server refused the opening handshake, with this status; nil if a certificate was rejected. It is the only
        /// event.
        case refused(status: Int?)
    }

    let url: String
    /// The name of the connection in a test with several; empty for the unnamed one. It is nil for the only connection.
    let name: String?
    /// The subprotocol of the connection, or those offered to a server that refused it.
    let subprotocols: [String]
    /// The header fields of the request that options have set, without their secrets.
    let headers: [String]
    /// Other options that the connection needs: `ca`, `cert`, `no-check`, `servername NAME`, `http2`,
    /// `http2-prior-knowledge`, `location`.
    let options: [String]
    /// The events, with the time since the connection was opened.
    package private(set) var events: [(time: Duration, event: Event)] = []
    /// The time when the connection was opened, in microseconds since 1970.
    let start: Int

    /// Whether the server refused the connection.
    package var isRefused: Bool { outcome != .open }

    /// The outcome of an opening handshake.
    enum Outcome: Equatable {
        case open, refused, certificateRejected
    }

    /// The outcome of the opening handshake.
    var outcome: Outcome {
        guard case .refused(let status) = events.first?.event else { return .open }
        return status == nil ? .certificateRejected : .refused
    }

    private static let sizeLimit = 512 << 20
    private static let eventLimit = 1_000_000
    /// The maximum number of JSON values in an event; `--record` writes at most ten.
    private static let valueLimit = 50
    /// The longest session, in microseconds.
    private static let timeLimit = 366 * 24 * 3600 * 1_000_000

    /// The error for a file that is not a recording: one line, with the line number and the reason.
    package struct Invalid: Error, Equatable {
        package let message: String
    }

    /// Reads a recording. A file that `--record` has appended to several times contains several.
    ///
    /// - Parameter path: the file name.
    /// - Returns: the recordings, at least one.
    /// - Throws: `FileError` for a file that cannot be read, `Invalid` for one that is not a recording.
    package static func read(_ path: String) throws -> [Recording] {
        if path.lowercased().hasSuffix(".har") {
            let bytes = try InputFile.read(path, limit: HTTPArchive.sizeLimit, of: "an HTTP archive")
            return try HTTPArchive.recordings(bytes, path)
        }
        return try parse(InputFile.read(path, limit: sizeLimit, of: "a recording"), path)
    }

    /// Parses the content of a recording.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file.
    ///   - path: the file name, for errors.
    /// - Returns: the recordings, at least one.
    /// - Throws: `Invalid` for anything that is not a recording.
    package static func parse(_ bytes: [UInt8], _ path: String) throws(Invalid) -> [Recording] {
        var recordings: [Recording] = []
        var events = 0
        var start = 0
        var number = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let line = bytes[start..<end]
            start = end + 1
            number += 1
            guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) else { continue }
            events += 1
            do throws(InvalidValue) {
                guard events <= eventLimit else { throw InvalidValue("too many events; the limit is \(eventLimit)") }
                try check(line)
                try take(line, &recordings)
            } catch {
                throw Invalid(message: "invalid recording: line \(number) of \"\(path)\": \(error)")
            }
        }
        guard !recordings.isEmpty else {
            throw Invalid(message: "\"\(path)\" contains no connection; use a file written by --record")
        }
        return recordings
    }

    /// Rejects lines with more values than any event has: they would take far more memory than the file.
    private static func check(_ line: ArraySlice<UInt8>) throws(InvalidValue) {
        var values = 0
        var isInString = false
        var isEscaped = false
        for byte in line {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if isInString {
                isEscaped = byte == UInt8(ascii: "\\")
            } else if ",[{".utf8.contains(byte) {
                values += 1
                guard values <= valueLimit else { throw InvalidValue("too many values; the limit is \(valueLimit)") }
            }
        }
    }

    private static func take(_ line: ArraySlice<UInt8>, _ recordings: inout [Recording]) throws(InvalidValue) {
        let value: JSONValue
        do throws(JSONParser.Failure) {
            value = try JSONParser.parse(line)
        } catch {
            throw InvalidValue("\(error)")
        }
        let fields = RecordedFields(value: value)
        guard fields.field("client") == nil else {
            throw InvalidValue("it was written by a server; record the client with --record")
        }
        let time = try fields.time()
        let name = try fields.string("event")
        if name == "open" || name == "refused" {
            let isOpen = name == "open"
            recordings.append(
                Recording(
                    url: try fields.string("url"),
                    name: try? fields.string("connection"),
                    subprotocols: isOpen
                        ? (try? fields.string("subprotocol")).map { [$0] } ?? [] : fields.strings("subprotocols"),
                    headers: fields.strings("headers"),
                    options: fields.strings("options"),
                    start: time,
                    events: isOpen ? [] : [(.zero, .refused(status: try fields.status()))]
                )
            )
        } else if let event = try fields.event(name) {
            guard let last = recordings.indices.last, !recordings[last].isRefused else {
                throw InvalidValue("no connection is open")
            }
            // The clock may have been set back during the session.
            let offset = max(0, time - recordings[last].start)
            guard offset <= timeLimit else {
                throw InvalidValue("the time is more than a year after the start of the connection")
            }
            recordings[last].events.append((.microseconds(offset), event))
        }
    }

    /// Creates a recording.
    init(
        url: String,
        name: String? = nil,
        subprotocols: [String],
        headers: [String],
        options: [String] = [],
        start: Int,
        events: [(time: Duration, event: Event)] = []
    ) {
        self.url = url
        self.name = name
        self.subprotocols = subprotocols
        self.headers = headers
        self.options = options
        self.start = start
        self.events = events
    }
}

/// The fields of a recorded event.
private struct RecordedFields {
    typealias Direction = Recording.Direction

    let value: JSONValue

    func field(_ name: String) -> JSONValue? {
        guard case .object(let members) = value else { return nil }
        return members[name]
    }

    /// Returns the texts in an array; none if there is no array.
    func strings(_ name: String) -> [String] {
        guard case .array(let elements) = field(name) else { return [] }
        return elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    func string(_ name: String) throws(InvalidValue) -> String {
        guard case .string(let text) = field(name) else { throw InvalidValue("the string \"\(name)\" is missing") }
        return text
    }

    /// Returns the time of the event, in microseconds since 1970.
    func time() throws(InvalidValue) -> Int {
        let text = try string("time")
        guard let time = Timestamp.microseconds(rfc3339: text) else {
            throw InvalidValue("invalid time \"\(text)\"; it must look like 2026-11-23T16:03:59.042117Z")
        }
        return time
    }

    /// Returns the event; nil for one that is not replayed, such as an error.
    func event(_ name: String) throws(InvalidValue) -> Recording.Event? {
        switch name {
        case "message":
            let isText = try string("type") == "text"
            return .message(try direction(), ScriptMessage(isText: isText, payload: ByteBuffer(bytes: try data())))
        case "ping": return .ping(try direction(), try controlData())
        case "pong": return .pong(try direction(), try controlData())
        case "close":
            guard case .bool(true) = field("clean") else {
                guard case .number = field("code") else { return .lost }
                return .violation(try string("reason"))
            }
            let reason = try string("reason")
            guard reason.utf8.count <= Endpoint.maximumControlPayload - 2 else {
                throw InvalidValue("the reason is too long for a Close")
            }
            return .close(try code(), reason: reason, byServer: try string("by") == "server")
        case "error": return nil
        default: throw InvalidValue("unknown event \"\(name)\"")
        }
    }

    private func direction() throws(InvalidValue) -> Direction {
        let text = try string("direction")
        guard let direction = Direction(rawValue: text) else {
            throw InvalidValue("invalid direction \"\(text)\"; it must be sent or received")
        }
        return direction
    }

    private func data() throws(InvalidValue) -> [UInt8] {
        if let text = try? string("data") { return Array(text.utf8) }
        guard let text = try? string("data_base64"), let data = Data(base64Encoded: text) else {
            throw InvalidValue("a string \"data\" or base64 in \"data_base64\" is required")
        }
        return Array(data)
    }

    private func controlData() throws(InvalidValue) -> [UInt8] {
        let data = try data()
        guard data.count <= Endpoint.maximumControlPayload else {
            throw InvalidValue(
                "a ping or pong of \(data.count) bytes is too long; the maximum is \(Endpoint.maximumControlPayload)"
            )
        }
        return data
    }

    /// Returns the status of a refusal; nil for a rejected certificate.
    func status() throws(InvalidValue) -> Int? {
        switch field("status") {
        case .null: return nil
        case .number(let number):
            guard let status = Int(number.description) else { throw InvalidValue("invalid status \(number)") }
            return status
        default: throw InvalidValue("the status must be a number or null")
        }
    }

    private func code() throws(InvalidValue) -> CloseCode? {
        switch field("code") {
        case .null, nil: return nil
        case .number(let number):
            guard let code = UInt16(number.description) else { throw InvalidValue("invalid code \(number)") }
            return CloseCode(rawValue: code)
        default: throw InvalidValue("the code must be a number")
        }
    }
}
