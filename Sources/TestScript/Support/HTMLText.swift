import MessageText

/// Conversion of HTML pages to visible text, for response excerpts in error messages.
enum HTMLText {
    /// Returns the lines of text in a page without tags, scripts, styles and comments; nil if it is not HTML.
    static func lines(of page: String) -> [String]? {
        guard page.contains(/(?i)<(!doctype\s+html|html|head|body)[\s>]/) else { return nil }
        let hidden = /(?is)<(script|style|head)\b.*?(<\/\1\s*>|$)|<!--.*?(-->|$)/
        // The title is often the most informative line.
        let title = page.firstMatch(of: /(?is)<title[^>]*>(.*?)<\/title/).map { String($0.output.1) }
        let body = page.replacing(hidden, with: "\n").replacing(
            /<\/?(?i:a|abbr|b|code|em|i|small|span|strong|u)\b[^>]*>/,
            with: ""
        )
        .replacing(/<[^>]*(>|$)/, with: "\n")
        let lines = ([title].compactMap { $0 } + body.split(whereSeparator: \.isNewline).map(String.init)).map { line in
            withoutEntities(line).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }.filter { !$0.isEmpty }
        // Many servers repeat the title as a heading.
        return lines.indices.filter { $0 == 0 || lines[$0] != lines[$0 - 1] }.map { lines[$0] }
    }

    private static let entities = [
        "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "amp": "&", "ndash": "–", "mdash": "—",
        "hellip": "…",
    ]

    private static func withoutEntities(_ text: String) -> String {
        text.replacing(/&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-z]{2,6});/) { match in
            let name = match.output.1
            guard name.first == "#" else { return entities[String(name)] ?? String(match.output.0) }
            let digits = name.dropFirst()
            let number = digits.first?.lowercased() == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap(Unicode.Scalar.init).map(String.init) ?? String(match.output.0)
        }
    }
}
