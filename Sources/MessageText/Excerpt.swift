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

    /// Returns the start of a binary message in hexadecimal, or its excerpt from offset `start`.
    package static func of(_ bytes: some Collection<UInt8>, from start: Int = 0) -> String {
        var digits: [UInt8] = []
        let rest = bytes.dropFirst(start)
        HexDump.appendDigits(rest.prefix(limit / 4), to: &digits)
        let more = rest.count > limit / 4 ? "… (\(bytes.count) bytes)" : ""
        return "hex " + (start > 0 ? "…" : "") + String(decoding: digits, as: UTF8.self) + more
    }
}
