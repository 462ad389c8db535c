import MessageText

/// Test results for people: one line for each test; for a failed test, also its position, the difference and the
/// messages before it.
package struct TextReport {
    private let isColored: Bool

    package init(isColored: Bool) {
        self.isColored = isColored
    }

    package func lines(_ result: TestSuite.Result) -> [String] {
        let name = VisibleText.line(result.testCase.name)
        let time = ScriptTime.words(result.time)
        guard let failure = result.failure else { return ["\(colored(.green, "ok"))      \(name) (\(time))"] }
        var lines = ["\(colored(.red, "FAILED"))  \(name) (\(time))"]
        lines.append("  " + VisibleText.line("\(failure.place): \(failure.code)"))
        lines.append("    " + VisibleText.line(failure.message))
        lines += failure.details.map { "    " + detail(VisibleText.line($0)) }
        if !failure.earlier.isEmpty {
            lines.append("    before it:")
            lines += failure.earlier.map { "      " + VisibleText.line($0) }
        }
        return lines
    }

    package static func end(_ totals: TestReport.Totals) -> [String] {
        let notRun = totals.notRun == 0 ? "" : ", \(totals.notRun) not run"
        return ["\(totals.passed) passed, \(totals.failed) failed\(notRun) (\(ScriptTime.words(totals.time)))"]
    }

    private func detail(_ line: String) -> String {
        line.hasPrefix("- ") ? colored(.green, line) : line.hasPrefix("+ ") ? colored(.red, line) : line
    }

    private func colored(_ color: Color, _ text: String) -> String {
        isColored ? color.rawValue + text + Color.reset : text
    }
}
