import MessageText
import NIOCore

#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// A reader for WebSocket sessions in HTTP archives (HAR), which Chrome exports as `_webSocketMessages`.
enum HTTPArchive {
    /// The maximum file size in bytes; the parsed values take several times as much memory.
    static let sizeLimit = 64 << 20
    private static let sessionLimit = 1000
    private static let messageLimit = 100_000
    private static let timeLimit = 366.0 * 24 * 3600

    /// Reads the sessions.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file.
    ///   - path: the file name for error messages.
    /// - Returns: the recordings, at least one.
    /// - Throws: `Recording.Invalid`.
    static func recordings(_ bytes: [UInt8], _ path: String) throws(Recording.Invalid) -> [Recording] {
        let archive: JSONValue
        do throws(JSONParser.Failure) {
            archive = try JSONParser.parse(bytes)
        } catch {
            throw Recording.Invalid(message: "\"\(path)\" is not an HTTP archive: \(error)")
        }
        var recordings: [Recording] = []
        var count = 0
        for (index, entry) in archive["log"]["entries"].elements.enumerated() {
            let messages = entry["_webSocketMessages"].elements
            guard !messages.isEmpty else { continue }
            count += messages.count
            guard recordings.count < sessionLimit, count <= messageLimit else {
                throw Recording.Invalid(message: "\"\(path)\" has too many sessions or messages")
            }
            do throws(InvalidValue) {
                recordings.append(try recording(entry, messages))
            } catch {
                throw Recording.Invalid(
                    message: "entry \(index + 1) of \"\(path)\" is not a WebSocket session: \(error)"
                )
            }
        }
        guard !recordings.isEmpty else {
            throw Recording.Invalid(message: "\"\(path)\" has no WebSocket session with messages")
        }
        return recordings
    }

    private static func recording(_ entry: JSONValue, _ messages: [JSONValue]) throws(InvalidValue) -> Recording {
        guard let url = entry["request"]["url"].string else { throw InvalidValue("it has no URL") }
        let headers = entry["request"]["headers"].elements.compactMap { header -> (String, String)? in
            guard let name = header["name"].string, let value = header["value"].string else { return nil }
            return (name, value)
        }
        let answer = entry["response"]["headers"].elements.first {
            $0["name"].string?.lowercased() == "sec-websocket-protocol"
        }
        let start = messages.first?["time"].number ?? 0
        guard start.isFinite, abs(start) < 1e11 else { throw InvalidValue("its time is out of range") }
        var events: [(time: Duration, event: Recording.Event)] = []
        for message in messages {
            guard let type = message["type"].string, let data = message["data"].string else {
                throw InvalidValue("a message has no type or no data")
            }
            let offset = max(0, (message["time"].number ?? start) - start)
            guard offset <= timeLimit else { throw InvalidValue("a message is more than a year after the first") }
            if let event = try event(type, message["opcode"].number ?? 1, data) {
                events.append((.seconds(offset), event))
            }
        }
        return Recording(
            url: Redaction.withoutSecrets(url),
            subprotocols: (answer?["value"].string).map { [$0] } ?? [],
            headers: RecordedHandshake.recordable(headers),
            start: Int(start * 1e6),
            events: events
        )
    }

    /// Creates an event; returns nil for browser errors and for frames that are not messages.
    private static func event(_ type: String, _ opcode: Double, _ data: String) throws(InvalidValue) -> Recording.Event?
    {
        let direction: Recording.Direction
        switch type {
        case "send": direction = .sent
        case "receive": direction = .received
        default: return nil
        }
        switch opcode {
        case 1: return .message(direction, ScriptMessage(isText: true, payload: ByteBuffer(string: data)))
        case 2:
            guard let bytes = Data(base64Encoded: data) else { throw InvalidValue("a binary message is not base64") }
            return .message(direction, ScriptMessage(isText: false, payload: ByteBuffer(bytes: bytes)))
        default: return nil
        }
    }
}

extension JSONValue {
    fileprivate subscript(name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    fileprivate var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

    fileprivate var string: String? { if case .string(let text) = self { text } else { nil } }

    fileprivate var number: Double? { if case .number(let number) = self { Double(number.description) } else { nil } }
}
