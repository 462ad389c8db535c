import MessageText

/// How the results of tests are told on standard output.
package struct TestReport {
    /// Which form it has.
    package enum Form {
        case text(isColored: Bool, failuresOnly: Bool)
        case tap
        case json
    }

    /// What came of all tests.
    package struct Totals {
        package var passed = 0
        package var failed = 0
        /// Tests that were not run, or not to their end.
        package var notRun = 0
        package var time: Duration = .zero

        package init() {}
    }

    private let form: Form

    package init(form: Form) {
        self.form = form
    }

    /// What stands before the first result.
    ///
    /// - Parameter count: the number of tests.
    /// - Returns: the lines.
    package func start(_ count: Int) -> [String] {
        if case .tap = form { TAPReport.start(count) } else { [] }
    }

    /// Tells of a result.
    ///
    /// - Parameters:
    ///   - result: what came of a test.
    ///   - number: which test it is, from 1.
    /// - Returns: the lines.
    package func lines(_ result: TestSuite.Result, _ number: Int) -> [String] {
        switch form {
        case .text(let isColored, let failuresOnly):
            failuresOnly && result.failure == nil ? [] : TextReport(isColored: isColored).lines(result)
        case .tap: TAPReport.lines(result, number)
        case .json: JSONReport.lines(result)
        }
    }

    /// What stands behind the last result.
    package func end(_ totals: Totals) -> [String] {
        switch form {
        case .text: TextReport.end(totals)
        case .tap: TAPReport.end(totals)
        case .json: JSONReport.end(totals)
        }
    }
}

extension TestFailure {
    /// File and line.
    package var place: String { "\(statement.line.path):\(statement.line.number)" }
    /// The statement as it is written.
    package var code: String { Redaction.withoutSecrets(String(statement.line.code)) }
}
