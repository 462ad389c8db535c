import MessageText

/// A place of a script that can't be understood.
struct ScriptProblem: Error, Hashable {
    let path: String
    /// Counted from 1.
    let line: Int
    /// In characters, counted from 1.
    let column: Int
    /// What is wrong, and what was expected.
    var message: String
    /// The line as it stands in the file.
    let source: String

    /// Three lines: place and problem, the script's line, and a caret below the place.
    var lines: [String] {
        // A row each: tabs and what would drive the terminal take as much room below as above.
        let before = VisibleText.line(String(source.prefix(column - 1)).replacingTabs)
        return [
            "\(path):\(line):\(column): \(VisibleText.line(message))",
            "  " + VisibleText.line(source.replacingTabs),
            "  " + String(repeating: " ", count: before.count) + "^",
        ]
    }

    /// How many are shown: a file that is no script has one on each line.
    private static let limit = 25

    /// Tells problems on standard error.
    ///
    /// - Parameter problems: those of one script or several, at least one.
    /// - Returns: what ends the run because of them.
    static func tell(_ problems: [ScriptProblem]) -> Failure {
        let more = problems.count > limit ? ["… and \(problems.count - limit) more"] : []
        StandardStreams.writeError((problems.prefix(limit).flatMap(\.lines) + more).joined(separator: "\n") + "\n")
        let files = Set(problems.map(\.path)).count
        let count = problems.count == 1 ? "1 mistake" : "\(problems.count) mistakes"
        let place = files == 1 ? "the script" : "\(files) scripts"
        return Failure(.unsendableInput, "\(count) in \(place), so nothing was sent")
    }
}

extension String {
    fileprivate var replacingTabs: String { String(map { $0 == "\t" ? " " : $0 }) }
}
