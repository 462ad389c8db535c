import MessageText

/// Test results as lines of JSON: one for each test, and a summary.
package enum JSONReport {
    package static func lines(_ result: TestSuite.Result, showsTrace: Bool = false) -> [String] {
        var writer = JSONObjectWriter(output: [])
        writer.field("event", "test")
        writer.field("file", result.testCase.script.path)
        writer.field("line", result.testCase.test.line.number)
        writer.field("name", result.testCase.test.name)
        if let round = result.testCase.round { writer.field("round", round.number) }
        if let row = result.testCase.row { writer.field("row", row.number) }
        if let reason = result.skipReason {
            writer.field("skipped", reason)
            return [line(writer)]
        }
        writer.field("passed", result.failure == nil)
        if !result.retried.isEmpty {
            writer.field("attempts", result.retried.count + 1)
            writer.field("flaky", result.isFlaky)
        }
        writer.field("seconds", number: seconds(result.time))
        if let failure = result.failure ?? result.retried.first {
            if failure.isError { writer.field("reached", false) }
            writer.field("failed_line", failure.statement.line.number)
            writer.field("statement", failure.code)
            writer.field("message", failure.message)
            writer.field("details", failure.details)
            writer.field("before", failure.earlier)
            let cleanup = failure.inFinally.flatMap(\.report)
            if !cleanup.isEmpty { writer.field("finally", cleanup) }
        }
        if showsTrace { writer.field("trace", TraceLines.lines(of: result)) }
        return [line(writer)]
    }

    /// Returns a line for each mistake because of which no test runs.
    package static func lines(_ problems: [TestProblem]) -> [String] {
        problems.map { problem in
            var writer = JSONObjectWriter(output: [])
            writer.field("event", "error")
            if !problem.path.isEmpty { writer.field("file", problem.path) }
            if let line = problem.line { writer.field("line", line) }
            if let column = problem.column { writer.field("column", column) }
            writer.field("message", problem.message)
            return line(writer)
        }
    }

    package static func end(_ totals: TestReport.Totals) -> [String] {
        var writer = JSONObjectWriter(output: [])
        writer.field("event", "summary")
        writer.field("passed", totals.passed)
        writer.field("failed", totals.failed)
        if totals.skipped > 0 { writer.field("skipped", totals.skipped) }
        if totals.flaky > 0 { writer.field("flaky", totals.flaky) }
        writer.field("not_run", totals.notRun)
        writer.field("seconds", number: seconds(totals.time))
        return [line(writer)]
    }

    private static func line(_ writer: consuming JSONObjectWriter) -> String {
        String(decoding: writer.finish().dropLast(), as: UTF8.self)
    }

    /// Formats a time in seconds with six decimals.
    private static func seconds(_ time: Duration) -> String {
        let microseconds = Int(time / .microseconds(1))
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    }
}
