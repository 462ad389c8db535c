import MessageText

/// A place of a script that can't be understood.
package struct ScriptProblem: Error, Hashable {
    package let path: String
    /// Counted from 1.
    package let line: Int
    /// In characters, counted from 1.
    package let column: Int
    /// What is wrong, and what was expected.
    package var message: String
    /// The line as it stands in the file.
    package let source: String

    /// How many characters are shown on either side of the place.
    private static let width = 120

    /// Three lines: place and problem, the script's line or the part of it around the place, and a caret below the place.
    package var lines: [String] {
        let place = source.index(source.startIndex, offsetBy: column - 1, limitedBy: source.endIndex) ?? source.endIndex
        let left = source[..<place].suffix(Self.width)
        let right = source[place...].prefix(Self.width)
        // A row each: tabs and what would drive the terminal take as much room below as above.
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
