#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// Renders the payload of one message as bytes for a pipe, a terminal or an interactive session.
package struct PayloadRenderer: Sendable {
    /// The reader of the output.
    package enum Destination: Sendable {
        /// A pipe or a file: the original bytes, without an end.
        case pipe
        /// A terminal: control characters escaped, a newline at the end.
        case terminal
        /// A terminal at which the user types: also labeled, indented and folded.
        case session
    }

    private let destination: Destination
    private let settings: DisplaySettings
    /// The bytes before each message: the time and the label.
    private let prefix: [UInt8]

    /// Creates a renderer.
    ///
    /// - Parameters:
    ///   - destination: the reader of the output.
    ///   - settings: the notation of messages.
    ///   - label: the mark before each message of a session, such as `<`.
    ///   - time: the time of the messages; used if the settings ask for it.
    package init(destination: Destination, settings: DisplaySettings, label: String = "", time: Timestamp? = nil) {
        (self.destination, self.settings) = (destination, settings)
        var prefix = ""
        if settings.timestamps, let time {
            // In a session the time of day, elsewhere one that can be sorted.
            prefix =
                destination == .session
                ? Self.colored(.dim, time.timeOfDay + " ", settings) : time.rfc3339 + " "
        }
        if destination == .session { prefix += Self.colored(.cyan, label, settings) + " " }
        self.prefix = Array(prefix.utf8)
    }

    /// Returns text in a color if the settings ask for colors.
    package static func colored(_ color: Color, _ text: String, _ settings: DisplaySettings) -> String {
        settings.isColored ? color.rawValue + text + Color.reset : text
    }

    /// Appends a message.
    ///
    /// - Parameters:
    ///   - payload: its payload; UTF-8 if it is text.
    ///   - isText: whether it is a text message.
    ///   - output: the output.
    package func append(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8]) {
        output += prefix
        switch destination {
        case .pipe: appendToPipe(payload, isText: isText, to: &output)
        case .terminal: _ = append(payload, isText: isText, newline: "\n", fold: .max, to: &output)
        case .session:
            let start = output.count
            let fold = settings.fold ?? .max
            // Indented, so that no line of a message can pass for a message of its own.
            let rest = append(payload, isText: isText, newline: "\n  ", fold: fold, to: &output)
            if rest > 0 {
                appendFoldNote("\(rest) bytes more", to: &output)
            } else if fold < .max, output.count - start > fold + fold / 4 {
                // Short before indentation and escapes were added.
                cut(&output, from: start, to: fold)
                appendFoldNote("of \(payload.count) bytes", to: &output)
            }
        }
    }

    private func appendToPipe(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8]) {
        if isText {
            let isPretty = settings.pretty && appendPretty(payload, isSafe: true, newline: "\n", to: &output)
            if !isPretty { output += payload }
        } else {
            appendBinary(payload, settings.binaryStyle ?? .raw, indent: "", to: &output)
            // The framing ends the last line.
            if settings.binaryStyle == .dump, output.last == UInt8(ascii: "\n") { output.removeLast() }
        }
    }

    /// Appends a message for a terminal, and a newline.
    ///
    /// - Returns: the number of bytes left out at its end because the payload is longer than `fold` and a quarter of that.
    private func append(
        _ payload: UnsafeRawBufferPointer,
        isText: Bool,
        newline: String,
        fold: Int,
        to output: inout [UInt8]
    ) -> Int {
        var shown = payload[...]
        if isText {
            // What is cut away later needn't be made.
            let limit = fold < .max / 2 ? fold + fold / 4 : .max
            if settings.pretty, appendPretty(payload, isSafe: false, newline: newline, limit: limit, to: &output) {
                output.append(UInt8(ascii: "\n"))
                return 0
            }
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
            appendBinary(UnsafeRawBufferPointer(rebasing: shown), style, indent: "  ", to: &output)
        }
        if output.last != UInt8(ascii: "\n") || isText { output.append(UInt8(ascii: "\n")) }
        return payload.count - shown.count
    }

    private func appendFoldNote(_ what: String, to output: inout [UInt8]) {
        output += Self.colored(.dim, "  … \(what) (/set fold off shows all)", settings).utf8
        output.append(UInt8(ascii: "\n"))
    }

    /// Cuts a rendered message after `limit` bytes, at the end of a row if there is one near.
    private func cut(_ output: inout [UInt8], from start: Int, to limit: Int) {
        var end = start + limit
        if let newline = output[(start + limit / 2)..<end].lastIndex(of: UInt8(ascii: "\n")) {
            end = newline
        } else {
            while end > start, output[end] & 0xC0 == 0x80 { end -= 1 }
            // Not inside a color sequence.
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

    /// Appends indented JSON, or nothing if the payload is not JSON.
    ///
    /// - Parameters:
    ///   - payload: the payload.
    ///   - isSafe: whether control characters needn't be escaped.
    ///   - newline: the end of a row and the start of the next.
    ///   - limit: the number of bytes after which the rest may be left out.
    ///   - output: the output.
    /// - Returns: whether the payload is a JSON object or array.
    private func appendPretty(
        _ payload: UnsafeRawBufferPointer,
        isSafe: Bool,
        newline: String,
        limit: Int = .max,
        to output: inout [UInt8]
    ) -> Bool {
        let start = output.count
        let isJSON = JSONFormatter.format(payload) { indent in
            guard output.count - start <= limit else { return }
            output += newline.utf8
            output += repeatElement(UInt8(ascii: " "), count: indent * 2)
        } emit: { style, bytes in
            guard output.count - start <= limit else { return }
            let color = settings.isColored ? Self.color(of: style) : nil
            if let color { output += color.rawValue.utf8 }
            if isSafe { output += bytes } else { VisibleText.append(bytes, to: &output, newline: nil) }
            if color != nil { output += Color.reset.utf8 }
        }
        if !isJSON { output.removeSubrange(start...) }
        return isJSON
    }

    private static func color(of style: JSONFormatter.Style) -> Color? {
        switch style {
        case .name: .blue
        case .string: .green
        case .number: .cyan
        case .word: .magenta
        case .punctuation: nil
        }
    }
}
