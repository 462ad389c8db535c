#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// A renderer of message payloads for a pipe, a terminal or an interactive session.
package struct PayloadRenderer: Sendable {
    /// The destination of the output.
    package enum Destination: Sendable {
        /// A pipe or a file: prints the original bytes, without a newline.
        case pipe
        /// A terminal: escapes control characters and adds a newline.
        case terminal
        /// An interactive session: like a terminal, but also labels, indents and folds messages.
        case session
    }

    private let destination: Destination
    private let settings: DisplaySettings
    /// The bytes before each message, which are the time and the label.
    private let prefix: [UInt8]

    /// Creates a renderer.
    ///
    /// - Parameters:
    ///   - destination: the destination of the output.
    ///   - settings: the display settings.
    ///   - label: the mark before each message of a session, such as `<`.
    ///   - time: the time to show before each message; nil for none.
    package init(destination: Destination, settings: DisplaySettings, label: String = "", time: MessageTime? = nil) {
        (self.destination, self.settings) = (destination, settings)
        var prefix = ""
        if let time {
            let text = time.text(inPipe: destination == .pipe) + " "
            prefix = destination == .pipe ? text : Self.colored(.dim, text, settings)
        }
        if destination == .session { prefix += Self.colored(.cyan, label, settings) + " " }
        self.prefix = Array(prefix.utf8)
    }

    /// Returns `text` in a color, unless the settings disable colors.
    package static func colored(_ color: Color, _ text: String, _ settings: DisplaySettings) -> String {
        settings.isColored ? color.rawValue + text + Color.reset : text
    }

    /// Appends a message.
    ///
    /// - Parameters:
    ///   - payload: the payload, in UTF-8 if it is text.
    ///   - isText: whether it is a text message.
    ///   - output: the buffer to append to.
    package func append(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8]) {
        output += prefix
        switch destination {
        case .pipe: appendToPipe(payload, isText: isText, to: &output)
        case .terminal: _ = append(payload, isText: isText, newline: "\n", fold: .max, to: &output)
        case .session:
            // Indent all further lines, so that none of them can be mistaken for another message.
            let rest = append(payload, isText: isText, newline: "\n  ", fold: settings.fold ?? .max, to: &output)
            guard rest > 0 else { return }
            let note = "  … \(rest) byte\(rest == 1 ? "" : "s") more (/set fold off shows everything)"
            output += Self.colored(.dim, note, settings).utf8
            output.append(UInt8(ascii: "\n"))
        }
    }

    private func appendToPipe(_ payload: UnsafeRawBufferPointer, isText: Bool, to output: inout [UInt8]) {
        if isText {
            let isPretty = settings.pretty && appendPretty(payload, isSafe: true, newline: "\n", to: &output) != nil
            if !isPretty { output += payload }
        } else {
            appendBinary(payload, settings.binaryStyle ?? .raw, indent: "", to: &output)
            // The framing adds the last newline.
            if settings.binaryStyle == .dump, output.last == UInt8(ascii: "\n") { output.removeLast() }
        }
    }

    /// Appends a message and a newline for a terminal. A payload longer than 1.25 times `fold` is folded.
    ///
    /// - Returns: the number of bytes omitted from the end.
    private func append(
        _ payload: UnsafeRawBufferPointer,
        isText: Bool,
        newline: String,
        fold: Int,
        to output: inout [UInt8]
    ) -> Int {
        var shown = payload
        if isText {
            if settings.pretty,
                let rest = appendPretty(payload, isSafe: false, newline: newline, fold: fold, to: &output)
            {
                output.append(UInt8(ascii: "\n"))
                return rest
            }
            if payload.count - fold / 4 > fold { shown = Self.prefix(of: payload, fold) }
            VisibleText.append(shown, to: &output, newline: newline)
        } else {
            let style = settings.binaryStyle ?? .dump
            if style != .raw { output += "binary, \(payload.count) byte\(payload.count == 1 ? "" : "s")\n".utf8 }
            if payload.count - fold / 4 > fold {
                shown = UnsafeRawBufferPointer(rebasing: payload.prefix(fold))
            }
            appendBinary(shown, style, indent: "  ", to: &output)
        }
        if output.last != UInt8(ascii: "\n") || isText { output.append(UInt8(ascii: "\n")) }
        return payload.count - shown.count
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
    ///   - isSafe: whether control characters may be printed without escapes.
    ///   - newline: the end of a row and the start of the next.
    ///   - fold: the number of bytes after which output longer than 1.25 times that is cut off.
    ///   - output: the buffer to append to.
    /// - Returns: the number of payload bytes omitted; nil if the payload is not a JSON object or array.
    private func appendPretty(
        _ payload: UnsafeRawBufferPointer,
        isSafe: Bool,
        newline: String,
        fold: Int = .max,
        to output: inout [UInt8]
    ) -> Int? {
        let start = output.count
        let limit = fold < .max / 2 ? fold + fold / 4 : .max
        // The length of the output, and of the payload it shows: now, at the last row end before `fold`, and before the
        // token that crosses `fold`.
        var end = 0
        var row = (output: start, payload: 0)
        var crossing: (output: Int, payload: Int, bytes: UnsafeRawBufferPointer)?
        let isJSON = JSONFormatter.format(payload) { indent in
            if output.count - start <= fold { row = (output.count, end) }
            guard output.count - start <= limit else { return }
            output += newline.utf8
            output += repeatElement(UInt8(ascii: " "), count: indent * 2)
        } emit: { style, bytes in
            guard output.count - start <= limit else { return }
            let color = settings.isColored ? Self.color(of: style) : nil
            if let color { output += color.rawValue.utf8 }
            let token = output.count
            if isSafe { output += bytes } else { VisibleText.append(bytes, to: &output, newline: nil) }
            if token - start <= fold, output.count - start > fold { crossing = (token, end, bytes) }
            if color != nil { output += Color.reset.utf8 }
            // The space after a colon is not part of the payload.
            if let first = payload.baseAddress, let base = bytes.baseAddress, base >= first,
                base < first + payload.count
            {
                end = base - first + bytes.count
            }
        }
        guard isJSON else {
            output.removeSubrange(start...)
            return nil
        }
        guard output.count - start > limit else { return 0 }
        if let crossing, row.output - start < fold / 2 {
            output.removeSubrange(crossing.output...)
            let shown = Self.prefix(of: crossing.bytes, fold - (crossing.output - start))
            VisibleText.append(shown, to: &output, newline: nil)
            end = crossing.payload + shown.count
        } else {
            output.removeSubrange(row.output...)
            end = row.payload
        }
        if settings.isColored { output += Color.reset.utf8 }
        return payload.count - end
    }

    /// Returns at most `count` bytes of UTF-8, without splitting a character.
    private static func prefix(of bytes: UnsafeRawBufferPointer, _ count: Int) -> UnsafeRawBufferPointer {
        guard count < bytes.count else { return bytes }
        var end = count
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[..<end])
    }

    private static func color(of style: JSONFormatter.Style) -> Color? {
        switch style {
        case .name: .bold
        case .string: .green
        case .number: .cyan
        case .word: .magenta
        case .punctuation: nil
        }
    }
}
