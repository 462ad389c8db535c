/// Shortens messages to fit on one line of a report.
package enum Excerpt {
    private static let limit = 300

    /// Returns the start of a text message.
    package static func of(_ text: String) -> String {
        guard text.utf8.count > limit else { return VisibleText.distinct(text) }
        return "\(VisibleText.distinct(start(of: text, limit))) (\(text.utf8.count) bytes)"
    }

    /// Returns the text if it has at most `count` Unicode scalars, and otherwise its start with an ellipsis.
    ///
    /// Counting in `Character` would not limit the length, because a character may contain any number of combining
    /// marks.
    package static func start(of text: some StringProtocol, _ count: Int) -> String {
        let scalars = text.unicodeScalars.prefix(count)
        return scalars.endIndex == text.endIndex ? String(text) : "\(String(String.UnicodeScalarView(scalars)))…"
    }

    /// Returns the start of a binary message, or of its bytes from `start` on: in hexadecimal, and as text if it is readable.
    package static func of(_ bytes: some Collection<UInt8>, from start: Int = 0) -> String {
        var digits: [UInt8] = []
        let rest = bytes.dropFirst(start)
        let shown = rest.prefix(limit / 4)
        HexDump.appendDigits(shown, to: &digits)
        let isCut = rest.count > shown.count
        let more = isCut ? "… (\(bytes.count) bytes)" : ""
        let text = readable(shown, isCut: isCut).map { " = " + VisibleText.quoted((start > 0 ? "…" : "") + $0) } ?? ""
        return "hex " + (start > 0 ? "…" : "") + String(decoding: digits, as: UTF8.self) + more + text
    }

    /// Returns bytes as text; nil if they are not, or hardly look like it: most of its characters must be visible ASCII.
    private static func readable(_ bytes: some Collection<UInt8>, isCut: Bool) -> String? {
        // A cut may be within a character.
        let cuts = isCut ? 0...3 : 0...0
        let texts = cuts.lazy.compactMap { String(validating: bytes.dropLast($0), as: UTF8.self) }
        guard let text = texts.first else { return nil }
        let visible = text.unicodeScalars.count { 0x20 <= $0.value && $0.value < 0x7F }
        let isReadable = text.unicodeScalars.allSatisfy {
            "\t\r\n".unicodeScalars.contains($0) || !VisibleText.mustBeVisible($0)
        }
        return isReadable && 2 * visible > text.unicodeScalars.count ? text + (isCut ? "…" : "") : nil
    }
}
