/// An error that prevents all tests from running, such as a syntax error in a script or an unreadable file.
package struct TestProblem: Sendable {
    /// The file; empty if the problem does not concern a file.
    package let path: String
    /// The line in the file, starting at 1; nil if the problem concerns the whole file.
    package let line: Int?
    /// The column, starting at 1.
    package let column: Int?
    package let message: String

    /// Creates a problem without a position in a script.
    package init(_ message: String) {
        (path, line, column) = ("", nil, nil)
        self.message = message
    }

    package init(_ problem: ScriptProblem) {
        (path, line, column) = (problem.path, problem.line, problem.column)
        message = problem.message
    }

    /// The position and the message as text.
    package var words: String {
        guard !path.isEmpty else { return message }
        let place = [path] + [line, column].compactMap { $0 }.map(String.init)
        return "\(place.joined(separator: ":")): \(message)"
    }
}
