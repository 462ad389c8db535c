import MessageText

/// The report of test results on standard output.
package struct TestReport {
    /// The format of the report.
    package enum Form {
        case text(isColored: Bool, failuresOnly: Bool)
        case tap
        case json
    }

    /// The totals of a run.
    package struct Totals {
        package var passed = 0
        /// The number of tests among them that failed at first.
        package var flaky = 0
        package var failed = 0
        /// The number of tests with a `skip` statement.
        package var skipped = 0
        /// The number of tests that did not run to their end.
        package var notRun = 0
        package var time: Duration = .zero

        package init() {}

        /// The counts in words: `2 passed (1 flaky), 1 failed, 1 skipped`.
        var words: String {
            let flaky = flaky == 0 ? "" : " (\(flaky) flaky)"
            let skipped = skipped == 0 ? "" : ", \(skipped) skipped"
            let notRun = notRun == 0 ? "" : ", \(notRun) not run"
            return "\(passed) passed\(flaky), \(failed) failed\(skipped)\(notRun)"
        }

        /// Counts a result.
        package mutating func count(_ result: TestSuite.Result) {
            if result.skipReason != nil {
                skipped += 1
            } else if result.failure == nil {
                passed += 1
            } else {
                failed += 1
            }
            if result.isFlaky { flaky += 1 }
        }
    }

    private let form: Form
    /// Whether the events of each test are shown.
    private let showsTrace: Bool

    package init(form: Form, showsTrace: Bool = false) {
        self.form = form
        self.showsTrace = showsTrace
    }

    /// Returns the lines before the first result.
    ///
    /// - Parameter count: the number of tests.
    /// - Returns: the lines.
    package func start(_ count: Int) -> [String] {
        if case .tap = form { TAPReport.start(count) } else { [] }
    }

    /// Returns the lines of a result.
    ///
    /// - Parameters:
    ///   - result: the result of a test.
    ///   - number: the number of the test, from 1.
    /// - Returns: the lines.
    package func lines(_ result: TestSuite.Result, _ number: Int) -> [String] {
        switch form {
        case .text(let isColored, let failuresOnly):
            failuresOnly && result.failure == nil && !result.isFlaky
                ? [] : TextReport(isColored: isColored, showsTrace: showsTrace).lines(result)
        case .tap: TAPReport.lines(result, number, showsTrace: showsTrace)
        case .json: JSONReport.lines(result, showsTrace: showsTrace)
        }
    }

    /// Returns the report of a run in which no test ran; none for people, who read standard error.
    ///
    /// - Parameters:
    ///   - problems: the mistakes because of which none ran.
    ///   - summary: the error that the run ends with.
    /// - Returns: the lines.
    package func lines(_ problems: [TestProblem], _ summary: String) -> [String] {
        switch form {
        case .text: []
        case .tap: TAPReport.lines(problems, summary)
        case .json: JSONReport.lines(problems)
        }
    }

    /// Returns the lines after the last result.
    package func end(_ totals: Totals) -> [String] {
        switch form {
        case .text: TextReport.end(totals)
        case .tap: TAPReport.end(totals)
        case .json: JSONReport.end(totals)
        }
    }
}
