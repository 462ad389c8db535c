import MessageText
import NIOCore
import WebSocketProtocol

/// A script that does what a recorded session did, and expects what came then.
package struct RecordedScript {
    private var lines: [String] = []
    /// The data of pings whose pongs have not come.
    private var pings: [[UInt8]] = []

    /// Writes the script of recordings.
    package static func text(of recordings: [Recording]) -> String {
        var script = RecordedScript()
        for (number, recording) in recordings.enumerated() {
            if number > 0 { script.lines.append("") }
            if recordings.count > 1 { script.lines.append("== session \(number + 1)") }
            script.append(recording)
        }
        return script.lines.joined(separator: "\n") + "\n"
    }

    private mutating func append(_ recording: Recording) {
        lines.append("connect \(Self.escaped(recording.url))")
        if let subprotocol = recording.subprotocol { lines.append("subprotocol \(Self.escaped(subprotocol))") }
        pings = []
        for (_, event) in recording.events { append(event) }
    }

    private mutating func append(_ event: Recording.Event) {
        switch event {
        case .message(.sent, let message): lines.append(Self.statement(">", message))
        case .message(.received, let message): lines.append(Self.statement("<", message))
        case .ping(.sent, let data):
            lines.append(Self.words("ping", Self.plain(data)))
            pings.append(data)
        // When a server pings does not depend on what it is sent.
        case .ping(.received, _): break
        case .pong(.received, let data):
            // That of the last ping; others nobody has asked for, or they were answered by a later one.
            if pings.last == data {
                lines.append("pong")
                pings = []
            }
        case .pong(.sent, _): break
        case .close(let code, let reason, byServer: true):
            lines.append(Self.words("<close", "\((code ?? .noStatusReceived).rawValue)", Self.escaped(reason)))
        case .close(let code, let reason, byServer: false):
            let code = code ?? .normalClosure
            lines.append(Self.words("close", "\(code.rawValue)", Self.escaped(reason)))
            lines.append("<close")
        case .lost: lines.append("<close \(CloseCode.abnormalClosure.rawValue)")
        }
    }

    private static func words(_ words: String...) -> String { words.filter { !$0.isEmpty }.joined(separator: " ") }

    private static func statement(_ sign: String, _ message: ScriptMessage) -> String {
        guard message.isText else {
            var digits: [UInt8] = []
            HexDump.appendDigits(message.payload.readableBytesView, to: &digits)
            return words(sign + "hex", String(decoding: digits, as: UTF8.self))
        }
        let text = message.text
        let plain = words(sign, escaped(text))
        if isRead(plain, as: text, sign) { return plain }
        return "\(sign)string \(JSONValue.string(escaped(text)))"
    }

    /// Whether a statement is read as the message that it is to be: one with spaces at its ends, or what looks like a
    /// comment, is not.
    private static func isRead(_ statement: String, as text: String, _ sign: String) -> Bool {
        guard !text.unicodeScalars.contains(where: VisibleText.mustBeVisible) else { return false }
        guard let read = try? StatementParser.parse(ScriptLine(statement, number: 1, path: "")).first else {
            return false
        }
        switch read.step {
        case .send(.text(let template)), .expect(.exact(.text(let template))):
            return template.expanded { _ in nil }.utf8.elementsEqual(text.utf8)
        default: return false
        }
    }

    /// Text in which nothing is taken for a variable.
    private static func escaped(_ text: String) -> String { text.replacing("${", with: "$${") }

    /// The data of a ping, if it can stand on a line.
    private static func plain(_ data: [UInt8]) -> String {
        guard let text = String(validating: data, as: UTF8.self),
            ScriptLine("ping " + text, number: 1, path: "").code == "ping " + text,
            !text.unicodeScalars.contains(where: VisibleText.mustBeVisible), !text.hasPrefix("/")
        else { return "" }
        return escaped(text)
    }
}
