import MessageText
import NIOCore
package import WebSocketProtocol

#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// A session that `--record` has kept.
package struct Recording: Sendable {
    /// Which way a message went.
    package enum Direction: String, Sendable {
        case sent, received
    }

    /// Something that happened in it.
    package enum Event: Sendable {
        case message(Direction, ScriptMessage)
        case ping(Direction, [UInt8])
        case pong(Direction, [UInt8])
        /// How the connection was closed; without a code when the frame had none, and lost when there was no frame.
        case close(CloseCode?, reason: String, byServer: Bool)
        case lost
    }

    let url: String
    let subprotocol: String?
    /// The events, and how long after the connection was opened each happened.
    package private(set) var events: [(time: Duration, event: Event)] = []
    private let start: Int

    private static let sizeLimit = 512 << 20
    private static let eventLimit = 1_000_000
    /// How many values an event may have; `--record` writes ten at most.
    private static let valueLimit = 50
    /// How long a session may take.
    private static let timeLimit = 366 * 24 * 3600 * 1_000_000

    /// A file that is no recording; says which line of it, and why.
    package struct Invalid: Error, Equatable {
        package let message: String
    }

    /// Reads a file; what `--record` has appended at several times is several recordings.
    ///
    /// - Parameter path: the file.
    /// - Returns: the recordings, at least one.
    /// - Throws: `FileError` for a file that cannot be read, `Invalid` for one that is no recording.
    package static func read(_ path: String) throws -> [Recording] {
        try parse(InputFile.read(path, limit: sizeLimit, of: "a recording"), path)
    }

    /// Reads recordings that stand in a file.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file.
    ///   - path: the file, for errors.
    /// - Returns: the recordings, at least one.
    /// - Throws: `Invalid` for what is no recording.
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

    /// Rejects lines that would take much more memory than the file: those with more values than any event has.
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
        let time = try fields.time()
        let name = try fields.string("event")
        if name == "open" {
            recordings.append(
                Recording(
                    url: try fields.string("url"),
                    subprotocol: try? fields.string("subprotocol"),
                    start: time
                )
            )
        } else if let event = try fields.event(name) {
            guard let last = recordings.indices.last else { throw InvalidValue("no connection is open") }
            // The clock may have been set back in the meantime.
            let offset = max(0, time - recordings[last].start)
            guard offset <= timeLimit else {
                throw InvalidValue("the time is more than a year after the start of the connection")
            }
            recordings[last].events.append((.microseconds(offset), event))
        }
    }

    private init(url: String, subprotocol: String?, start: Int) {
        self.url = url
        self.subprotocol = subprotocol
        self.start = start
    }
}

/// The fields of a recorded event.
private struct RecordedFields {
    typealias Direction = Recording.Direction

    let value: JSONValue

    private func field(_ name: String) -> JSONValue? {
        guard case .object(let members) = value else { return nil }
        return members[name]
    }

    func string(_ name: String) throws(InvalidValue) -> String {
        guard case .string(let text) = field(name) else { throw InvalidValue("the string \"\(name)\" is missing") }
        return text
    }

    /// Microseconds since 1970.
    func time() throws(InvalidValue) -> Int {
        let text = try string("time")
        guard let time = Timestamp.microseconds(rfc3339: text) else {
            throw InvalidValue("invalid time \"\(text)\"; it must look like 2026-11-23T16:03:59.042117Z")
        }
        return time
    }

    /// What happened; nil for what is only said, such as an error.
    func event(_ name: String) throws(InvalidValue) -> Recording.Event? {
        switch name {
        case "message":
            let isText = try string("type") == "text"
            return .message(try direction(), ScriptMessage(isText: isText, payload: ByteBuffer(bytes: try data())))
        case "ping": return .ping(try direction(), try controlData())
        case "pong": return .pong(try direction(), try controlData())
        case "close":
            guard case .bool(true) = field("clean") else { return .lost }
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
