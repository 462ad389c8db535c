import MessageText

/// Compares two messages line by line: `-` marks expected lines and `+` received ones.
enum TextDiff {
    /// The maximum number of lines to show of each message, and of characters to show of a line.
    private static let lineLimit = 12
    private static let width = 160

    /// Compares texts; if both are JSON, by path as well.
    static func lines(expected: String, received: String) -> [String] {
        if let words = newlines(expected, received) {
            return [words, "- " + Excerpt.of(expected), "+ " + Excerpt.of(received)]
        }
        if let pattern = try? JSONParser.parse(expected.utf8), let value = try? JSONParser.parse(received.utf8),
            pattern.isStructured
        {
            let lines =
                switch JSONPattern(exactly: pattern).match(value) {
                case .matched: ["the same JSON value in a different form; use <json to compare values"]
                case .differs(let differences): JSONDiff.lines(differences)
                }
            return lines + ["- " + Excerpt.of(expected), "+ " + Excerpt.of(received)]
        }
        let left = expected.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        let right = received.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        // Equal lines may still have different line breaks.
        guard left.count > 1 || right.count > 1, left != right else { return oneLine(expected, received) }
        let start = zip(left, right).prefix { $0 == $1 }.count
        let end = zip(left.dropFirst(start).reversed(), right.dropFirst(start).reversed()).prefix { $0 == $1 }.count
        let before = start > 0 ? ["  … \(start) equal line\(start == 1 ? "" : "s")"] : []
        let after = end > 0 ? ["  … \(end) equal line\(end == 1 ? "" : "s")"] : []
        let minus = marked("-", left.dropFirst(start).dropLast(end))
        let plus = marked("+", right.dropFirst(start).dropLast(end))
        return before + minus + plus + after
    }

    /// Compares bytes, starting at the first difference.
    static func lines(expected: [UInt8], received: [UInt8]) -> [String] {
        let start = zip(expected, received).prefix { $0 == $1 }.count
        let place =
            "first difference at byte \(start + 1); expected \(expected.count) bytes, received \(received.count)"
        let from = start > 64 ? start - 16 : 0
        return [
            place, "- " + Excerpt.of(expected, from: from),
            "+ " + Excerpt.of(received, from: from),
        ]
    }

    /// Returns the difference of texts that differ only in the newlines at their ends, in words; nil for other texts.
    private static func newlines(_ expected: String, _ received: String) -> String? {
        func split(_ text: String) -> (body: Substring.UTF8View, newlines: Int) {
            let body = text.utf8.prefix { _ in true }
            let end = body.lastIndex { $0 != 0x0A && $0 != 0x0D }.map { body.index(after: $0) } ?? body.startIndex
            return (body[..<end], body[end...].count { $0 == 0x0A })
        }
        let (left, right) = (split(expected), split(received))
        guard !expected.utf8.elementsEqual(received.utf8), left.body.elementsEqual(right.body) else { return nil }
        let difference = right.newlines - left.newlines
        switch difference {
        case 0: return "the newline at the end is written differently"
        case 1: return "one more newline at the end"
        case -1: return "one newline less at the end"
        default: return "\(abs(difference)) \(difference > 0 ? "more newlines" : "newlines less") at the end"
        }
    }

    private static func marked(_ mark: String, _ lines: some Collection<String>) -> [String] {
        let shown = lines.prefix(lineLimit).map { "\(mark) \(Excerpt.of($0))" }
        return lines.count > lineLimit ? shown + ["\(mark) … \(lines.count - lineLimit) more lines"] : shown
    }

    /// Compares single lines; of long ones, shows the part around the first difference.
    private static func oneLine(_ expected: String, _ received: String) -> [String] {
        guard max(expected.unicodeScalars.count, received.unicodeScalars.count) > width else {
            let hint = expected == received ? ["the same characters in a different Unicode normalization"] : []
            return hint + ["- " + VisibleText.distinct(expected), "+ " + VisibleText.distinct(received)]
        }
        let start = zip(expected, received).prefix { $0 == $1 }.count
        let from = max(0, start - width / 4)
        func part(_ text: String) -> String {
            VisibleText.distinct((from > 0 ? "…" : "") + Excerpt.start(of: text.dropFirst(from), width))
        }
        return ["first difference at character \(start + 1)", "- " + part(expected), "+ " + part(received)]
    }
}

/// Differences between JSON values, one a line: `$.user.id: expected 7, received "7"`.
enum JSONDiff {
    private static let limit = 20

    static func lines(_ differences: [JSONDifference]) -> [String] {
        let lines = differences.prefix(limit).map { difference in
            "\(difference.path): expected \(difference.expected), received "
                + (difference.received.map { Excerpt.of($0.description) } ?? "nothing")
        }
        return differences.count > limit ? lines + ["… and \(differences.count - limit) more differences"] : lines
    }
}
