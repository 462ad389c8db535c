import MessageText

/// A mistake in a script, and its position.
package struct ScriptProblem: Error, Hashable {
    package let path: String
    /// The line number, counted from 1.
    package let line: Int
    /// The column in characters, counted from 1.
    package let column: Int
    /// A description of the mistake and of what was expected.
    package var message: String
    /// The whole line as written.
    package let source: String

    /// The number of characters to show on either side of the position.
    private static let width = 120

    /// Three lines: position and message, the line of the script or an excerpt of it, and a caret below the position.
    package var lines: [String] {
        let place = source.index(source.startIndex, offsetBy: column - 1, limitedBy: source.endIndex) ?? source.endIndex
        let left = source[..<place].suffix(Self.width)
        let right = source[place...].prefix(Self.width)
        // Keep both rows aligned: tabs and control characters must take the same width above and below.
        let before = (left.startIndex > source.startIndex ? "…" : "") + VisibleText.line(left.replacingTabs)
        let after = VisibleText.line(right.replacingTabs) + (right.endIndex < source.endIndex ? "…" : "")
        return [
            "\(VisibleText.line(path)):\(line):\(column): \(VisibleText.line(message))",
            "  " + before + after,
            "  " + String(repeating: " ", count: before.count) + "^",
        ]
    }
}

extension Substring {
    fileprivate var replacingTabs: String { String(map { $0 == "\t" ? " " : $0 }) }
}
