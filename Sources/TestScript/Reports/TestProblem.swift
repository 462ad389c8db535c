/// A mistake because of which no test runs: in a script, or in the way to it.
package struct TestProblem: Sendable {
    /// The file; empty if the problem is not about one.
    package let path: String
    /// The line of the file, from 1; nil if it is about the whole.
    package let line: Int?
    /// The column, from 1.
    package let column: Int?
    package let message: String

    /// Creates a problem that is not about a place in a script.
    package init(_ message: String) {
        (path, line, column) = ("", nil, nil)
        self.message = message
    }

    package init(_ problem: ScriptProblem) {
        (path, line, column) = (problem.path, problem.line, problem.column)
        message = problem.message
    }

    /// The place and the message.
    package var words: String {
        guard !path.isEmpty else { return message }
        let place = [path] + [line, column].compactMap { $0 }.map(String.init)
        return "\(place.joined(separator: ":")): \(message)"
    }
}
