import MessageText

/// Test results in the Test Anything Protocol, with the details of failures as YAML.
///
/// The version is 13, because Perl's `prove` rejects 14; the output is the same in both.
package enum TAPReport {
    package static func start(_ count: Int) -> [String] { ["TAP version 13", "1..\(count)"] }

    package static func lines(_ result: TestSuite.Result, _ number: Int, showsTrace: Bool = false) -> [String] {
        // A # would start a directive such as SKIP.
        let name = VisibleText.line(result.testCase.name).replacing("#", with: "\\#")
        if let reason = result.skipReason { return ["ok \(number) - \(name) # SKIP \(VisibleText.line(reason))"] }
        let trace = showsTrace ? TraceLines.lines(of: result).map { "# " + VisibleText.line($0) } : []
        guard let failure = result.failure ?? result.retried.first else { return ["ok \(number) - \(name)"] + trace }
        var lines = ["\(result.failure == nil ? "ok" : "not ok") \(number) - \(name)", "  ---"]
        if !result.retried.isEmpty {
            lines.append("  attempts: \(result.retried.count + 1)")
            lines.append("  flaky: \(result.isFlaky)")
        }
        lines.append("  at: \(quoted(failure.place))")
        lines.append("  statement: \(quoted(failure.code))")
        lines.append("  message: \(quoted(failure.message))")
        lines += list("difference", failure.details) + list("before", failure.earlier)
        lines += list("finally", failure.inFinally.flatMap(\.report))
        lines.append("  duration_ms: \(Int(result.time / .milliseconds(1)))")
        return lines + ["  ..."] + trace
    }

    /// Returns the report of a run in which no test ran.
    package static func lines(_ problems: [TestProblem], _ summary: String) -> [String] {
        ["TAP version 13"] + problems.map { "# \(VisibleText.line($0.words))" }
            + ["Bail out! \(VisibleText.line(summary))"]
    }

    package static func end(_ totals: TestReport.Totals) -> [String] {
        switch totals.notRun {
        case 0: []
        case 1: ["Bail out! 1 test was not run"]
        default: ["Bail out! \(totals.notRun) tests were not run"]
        }
    }

    /// Formats lines as a YAML block: Perl's parser misreads quoted lines that contain a colon.
    private static func list(_ name: String, _ lines: [String]) -> [String] {
        guard let first = lines.first else { return [] }
        // The first line determines the indentation of the block.
        let block = [String(first.drop { $0 == " " })] + lines.dropFirst()
        return ["  \(name): |"] + block.map { "    \(VisibleText.line($0))" }
    }

    /// Returns a single-quoted YAML string, whose only escape is a doubled quote.
    private static func quoted(_ text: String) -> String {
        "'" + VisibleText.line(text).replacing("'", with: "''") + "'"
    }
}
