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

    /// Three lines: place and problem, the script's line, and a caret below the place.
    package var lines: [String] {
        // A row each: tabs and what would drive the terminal take as much room below as above.
        let before = VisibleText.line(String(source.prefix(column - 1)).replacingTabs)
        return [
            "\(path):\(line):\(column): \(VisibleText.line(message))",
            "  " + VisibleText.line(source.replacingTabs),
            "  " + String(repeating: " ", count: before.count) + "^",
        ]
    }
}

extension String {
    fileprivate var replacingTabs: String { String(map { $0 == "\t" ? " " : $0 }) }
}
