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
        package var failed = 0
        /// The number of tests that did not run to their end.
        package var notRun = 0
        package var time: Duration = .zero

        package init() {}
    }

    private let form: Form

    package init(form: Form) {
        self.form = form
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
            failuresOnly && result.failure == nil ? [] : TextReport(isColored: isColored).lines(result)
        case .tap: TAPReport.lines(result, number)
        case .json: JSONReport.lines(result)
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

extension TestFailure {
    /// The file name and line number of the statement.
    package var place: String { "\(statement.line.path):\(statement.line.number)" }
    /// The statement as written, without secrets.
    package var code: String { Redaction.withoutSecrets(String(statement.line.code)) }
}
