import CPOSIX
import TestScript

/// The reports that `wsline test` writes to files, in addition to standard output.
struct TestReportFiles {
    private let command: Test
    private var junit: JUnitReport?
    private var html: HTMLReport?
    private let recorder: TestRecorder?

    init(_ command: Test) {
        self.command = command
        junit = command.junit.map { _ in JUnitReport() }
        html = command.html.map { _ in HTMLReport() }
        recorder = command.record.map { TestRecorder(folder: UserPath.expand($0)) }
    }

    /// Creates the folder for recordings and the files, so that an invalid path is reported before tests run.
    ///
    /// - Throws: `SystemCallError`.
    func prepare() throws(SystemCallError) {
        try recorder?.createFolder()
        for path in [command.junit, command.html].compactMap({ $0 }) {
            // A file that exists keeps its content for now, and the reader of a pipe must not see its end.
            if access(UserPath.expand(path), W_OK) != 0 { try Self.write("", path) }
        }
    }

    /// Adds the result of a test.
    ///
    /// - Parameters:
    ///   - result: the result.
    ///   - number: the number of the test, starting at 1.
    /// - Throws: `SystemCallError` if a recording cannot be written.
    mutating func take(_ result: TestSuite.Result, _ number: Int) throws(SystemCallError) {
        junit?.take(result)
        html?.take(result)
        try recorder?.write(result, number)
    }

    /// Adds the tests that did not run.
    mutating func take(notRun cases: [TestSuite.Case], because reason: String) {
        for testCase in cases {
            junit?.take(notRun: testCase, because: reason)
            html?.take(notRun: testCase, because: reason)
        }
    }

    /// Adds the errors that prevented all tests from running.
    mutating func take(_ problems: [TestProblem]) {
        junit?.take(problems)
        html?.take(problems)
    }

    /// Writes the reports to their files.
    ///
    /// - Throws: `SystemCallError` that names the file.
    func write(_ totals: TestReport.Totals) throws(SystemCallError) {
        if let path = command.junit, let junit { try Self.write(junit.text(totals.time), path) }
        if let path = command.html, let html { try Self.write(html.text(totals), path) }
    }

    private static func write(_ text: String, _ path: String) throws(SystemCallError) {
        try StandardStreams.write(Array(text.utf8), toFile: UserPath.expand(path))
    }
}
