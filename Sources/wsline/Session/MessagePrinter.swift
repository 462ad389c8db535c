import MessageText
import NIOCore
import WebSocketProtocol

#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// Turns what was received into what is printed, many messages into one buffer.
struct MessagePrinter: Sendable {
    /// Where the messages go.
    enum Destination: Sendable {
        /// A pipe or a file: the bytes as they came, framed.
        case pipe(Framing)
        /// A terminal that nobody types at: control characters made visible.
        case terminal
        /// The terminal that the user types at: marked as received as well, and long messages folded.
        case session
    }

    let destination: Destination
    let settings: DisplaySettings
    /// What stands before the sign of each message in a session: the number of a server's client.
    var mark = ""

    private var isPlainPipe: Bool {
        if case .pipe = destination { return !settings.pretty && !settings.timestamps && settings.binaryStyle == nil }
        return false
    }

    /// Appends the first `limit` messages of a batch to the output; in a session pings and pongs too, if they are shown.
    ///
    /// - Parameters:
    ///   - batch: what came.
    ///   - time: when it came.
    ///   - limit: the most messages to append.
    ///   - output: what they are appended to.
    /// - Returns: the number of messages appended.
    func print(_ batch: MessageBatch, at time: NIODeadline, limit: Int, to output: inout [UInt8]) -> Int {
        var printed = 0
        if case .pipe = destination {
            output.reserveCapacity(output.count + batch.bytes.readableBytes + batch.entries.count)
        }
        let isPlain = isPlainPipe
        let stamp = settings.timestamps ? timestamp(time) : []
        batch.bytes.withUnsafeReadableBytes { bytes in
            for entry in batch.entries where printed < limit {
                let payload = UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.count])
                if entry.kind.isMessage {
                    printed += 1
                    if isPlain, case .pipe(let framing) = destination {
                        framing.append(payload, to: &output)
                    } else {
                        append(payload, isText: entry.kind == .text, stamp, to: &output)
                    }
                } else if case .session = destination, settings.showsPingPong {
                    output += stamp
                    output += colored(.dim, "\(mark)< \(Self.words(entry, of: batch))").utf8
                    output.append(UInt8(ascii: "\n"))
                }
            }
        }
        return printed
    }

    /// A ping or pong in words: `ping "are you there"`.
    static func words(_ entry: MessageBatch.Entry, of batch: MessageBatch) -> String {
        let name = entry.kind == .ping ? "ping" : "pong"
        return entry.count == 0 ? name : "\(name) \"\(VisibleText.line(batch.string(of: entry)))\""
    }

    private func colored(_ color: Color, _ text: String) -> String {
        settings.isColored ? color.rawValue + text + Color.reset : text
    }

    /// In a session the time of day, elsewhere one that can be sorted.
    private func timestamp(_ time: NIODeadline) -> [UInt8] {
        let stamp = Timestamp(time)
        if case .session = destination { return Array(colored(.dim, stamp.timeOfDay + " ").utf8) }
        return Array((stamp.rfc3339 + " ").utf8)
    }

    private func append(_ payload: UnsafeRawBufferPointer, isText: Bool, _ stamp: [UInt8], to output: inout [UInt8]) {
        switch destination {
        case .pipe(let framing):
            var text = stamp
            if isText {
                if !(settings.pretty && appendPretty(payload, isSafe: true, newline: "\n", to: &text)) {
                    text += payload
                }
            } else {
                appendBinary(payload, settings.binaryStyle ?? .raw, indent: "", to: &text)
                // The framing ends the last line.
                if settings.binaryStyle == .dump, text.last == UInt8(ascii: "\n") { text.removeLast() }
            }
            text.withUnsafeBytes { framing.append($0, to: &output) }
        case .terminal:
            output += stamp
            append(payload, isText: isText, newline: "\n", indent: "  ", to: &output)
        case .session:
            output += stamp
            output += colored(.cyan, mark + "<").utf8
            output.append(UInt8(ascii: " "))
            let start = output.count
            let fold = settings.fold ?? .max
            // Indented, so that no line of a message can pass for a message of its own.
            let rest = append(payload, isText: isText, newline: "\n  ", indent: "  ", to: &output, fold: fold)
            if rest > 0 {
                appendFoldNote("\(rest) bytes more", to: &output)
            } else if fold < .max, output.count - start > fold + fold / 4 {
                // Short as it came, and long by its indents or escapes.
                cut(&output, from: start, to: fold)
                appendFoldNote("of \(payload.count) bytes", to: &output)
            }
        }
    }

    /// Appends a message for a terminal, and the newline at its end; returns how many bytes are left out at its end,
    /// because it is longer than `fold` and a quarter of that.
    @discardableResult
    private func append(
        _ payload: UnsafeRawBufferPointer,
        isText: Bool,
        newline: String,
        indent: String,
        to output: inout [UInt8],
        fold: Int = .max
    ) -> Int {
        var shown = payload[...]
        if isText {
            let start = output.count
            if settings.pretty, appendPretty(payload, isSafe: false, newline: newline, to: &output) {
                output.append(UInt8(ascii: "\n"))
                return 0
            }
            output.removeSubrange(start...)
            if payload.count - fold / 4 > fold {
                var end = fold
                while end > 0, payload[end] & 0xC0 == 0x80 { end -= 1 }
                shown = payload[..<end]
            }
            VisibleText.append(UnsafeRawBufferPointer(rebasing: shown), to: &output, newline: newline)
        } else {
            let style = settings.binaryStyle ?? .dump
            if style != .raw { output += "binary, \(payload.count) byte\(payload.count == 1 ? "" : "s")\n".utf8 }
            // A row of a dump shows 16 bytes in 80; digits are two for a byte.
            let limit = fold == .max ? .max : style == .dump ? fold / 80 * 16 : fold / 2
            if payload.count - limit / 4 > limit { shown = payload.prefix(limit) }
            appendBinary(UnsafeRawBufferPointer(rebasing: shown), style, indent: indent, to: &output)
        }
        if output.last != UInt8(ascii: "\n") || isText { output.append(UInt8(ascii: "\n")) }
        return payload.count - shown.count
    }

    private func appendFoldNote(_ what: String, to output: inout [UInt8]) {
        output += colored(.dim, "  … \(what) (/set fold off shows all)").utf8
        output.append(UInt8(ascii: "\n"))
    }

    /// Cuts what a message became after so many bytes, at the end of a row if there is one near.
    private func cut(_ output: inout [UInt8], from start: Int, to limit: Int) {
        var end = start + limit
        if let newline = output[(start + limit / 2)..<end].lastIndex(of: UInt8(ascii: "\n")) {
            end = newline
        } else {
            while end > start, output[end] & 0xC0 == 0x80 { end -= 1 }
            // Not inside a colour.
            if let escape = output[max(start, end - 8)..<end].lastIndex(of: 0x1B) { end = escape }
        }
        output.removeSubrange(end...)
        output += (settings.isColored ? Color.reset + "\n" : "\n").utf8
    }

    private func appendBinary(
        _ payload: UnsafeRawBufferPointer,
        _ style: DisplaySettings.BinaryStyle,
        indent: String,
        to output: inout [UInt8]
    ) {
        switch (style, destination) {
        case (.raw, .pipe): output += payload
        case (.raw, _): VisibleText.append(payload, to: &output, newline: "\n" + indent)
        case (.hex, _):
            output += indent.utf8
            HexDump.appendDigits(payload, to: &output)
        case (.base64, _):
            output += indent.utf8
            output += Data(payload).base64EncodedString().utf8
        case (.dump, _): HexDump.append(payload, to: &output, indent: indent)
        }
    }

    /// Appends JSON indented; returns false when it is none, and then appends nothing. `isSafe` says that nothing in it
    /// can do harm where it goes.
    private func appendPretty(
        _ payload: UnsafeRawBufferPointer,
        isSafe: Bool,
        newline: String,
        to output: inout [UInt8]
    ) -> Bool {
        let start = output.count
        let isColored = settings.isColored
        var text = output
        output = []
        let isJSON = JSONFormatter.format(payload) { depth in
            text += newline.utf8
            text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
        } emit: { token, bytes in
            let color = isColored ? Self.color(of: token) : nil
            if let color { text += color.rawValue.utf8 }
            if isSafe { text += bytes } else { VisibleText.append(bytes, to: &text, newline: nil) }
            if color != nil { text += Color.reset.utf8 }
        }
        if !isJSON { text.removeSubrange(start...) }
        output = text
        return isJSON
    }

    private static func color(of token: JSONFormatter.Style) -> Color? {
        switch token {
        case .name: .blue
        case .string: .green
        case .number: .cyan
        case .word: .magenta
        case .punctuation: nil
        }
    }
}
