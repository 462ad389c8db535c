import MessageText
import NIOCore

/// A report of test results as a self-contained web page with durations, failures, and a timeline of the messages of
/// each connection.
package struct HTMLReport {
    private var tests: [String] = []
    private let start = Timestamp()

    /// The maximum number of events to show for a test.
    private static let eventLimit = 500
    /// The maximum number of tests whose events are shown.
    private static let detailLimit = 2000

    package init() {}

    /// Adds a result.
    package mutating func take(_ result: TestSuite.Result) {
        if let reason = result.skipReason { return take(notRun: result.testCase, because: reason) }
        let kind = result.failure != nil ? "failed" : result.isFlaky ? "flaky" : "passed"
        let failures = (result.retried + [result.failure].compactMap { $0 }).enumerated().map { index, failure in
            let attempt = result.retried.isEmpty ? "" : "<p>Attempt \(index + 1)</p>\n"
            return attempt + Self.section(failure)
        }
        let hasDetails = tests.count < Self.detailLimit || result.failure != nil
        let connections = hasDetails ? ConnectionTimeLine.all(of: result, limit: Self.eventLimit).map(\.html) : []
        add(result.testCase, kind, Seconds.words(result.time), failures + connections)
    }

    /// Adds a test that did not run or did not finish.
    package mutating func take(notRun testCase: TestSuite.Case, because reason: String) {
        add(testCase, "skipped", "not run", ["<p>\(Self.escaped(reason))</p>\n"])
    }

    /// Adds the errors that prevented all tests from running.
    package mutating func take(_ problems: [TestProblem]) {
        let lines = problems.map { Self.escaped($0.words) }.joined(separator: "\n")
        tests.append(
            "<details class=\"test failed\" open><summary><b>error</b> <span>no test ran</span></summary>\n"
                + "<pre>\(lines)</pre>\n</details>\n"
        )
    }

    private mutating func add(_ testCase: TestSuite.Case, _ kind: String, _ time: String, _ content: [String]) {
        let open = kind == "failed" ? " open" : ""
        let name =
            "\(Self.escaped(testCase.shortName)) <small>\(Self.escaped(testCase.script.path)):\(testCase.test.line.number)</small>"
        tests.append(
            "<details class=\"test \(kind)\"\(open)><summary><b>\(kind)</b> <span>\(name)</span> <span class=\"time\">\(time)</span></summary>\n"
                + content.joined() + "</details>\n"
        )
    }

    private static func section(_ failure: TestFailure) -> String {
        let lines = failure.lines.map { line in
            let kind = line.hasPrefix("- ") ? "expected" : line.hasPrefix("+ ") ? "received" : ""
            return kind.isEmpty ? escaped(line) : "<span class=\"\(kind)\">\(escaped(line))</span>"
        }
        let cleanup = failure.inFinally.map { "<p>\(TestFailure.finallyHeading)</p>\n" + section($0) }
        return "<p class=\"place\"><code>\(escaped("\(failure.place): \(failure.code)"))</code></p>\n"
            + "<p class=\"message\">\(escaped(failure.message))</p>\n"
            + (lines.isEmpty ? "" : "<pre>\(lines.joined(separator: "\n"))</pre>\n") + cleanup.joined()
    }

    static func escaped(_ text: String) -> String { MarkupText.escaped(text, newline: "\n") }

    /// Returns the whole page.
    package func text(_ totals: TestReport.Totals) -> String {
        let summary = totals.words
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(summary)</title>
            <style>
            \(HTMLStyle.sheet)
            </style>
            </head>
            <body>
            <h1 class="\(totals.failed == 0 ? "passed" : "failed")">\(summary)</h1>
            <p>\(start.rfc3339.prefix(19).replacing("T", with: " ")) UTC, \(Seconds.words(totals.time))</p>
            \(tests.joined())</body>
            </html>

            """
    }
}
