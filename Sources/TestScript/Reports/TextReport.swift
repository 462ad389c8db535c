import MessageText

/// Test results for people: one line for each test; for a failed test, also its position, the difference and the
/// messages before it.
package struct TextReport {
    private let isColored: Bool
    private let showsTrace: Bool

    package init(isColored: Bool, showsTrace: Bool = false) {
        self.isColored = isColored
        self.showsTrace = showsTrace
    }

    package func lines(_ result: TestSuite.Result) -> [String] {
        let name = VisibleText.line(result.testCase.name)
        if let reason = result.skipReason {
            return ["\(colored(.dim, "skipped")) \(name): \(VisibleText.line(reason))"]
        }
        let time = Seconds.words(result.time)
        let trace = showsTrace ? TraceLines.lines(of: result).map { "  " + VisibleText.line($0) } : []
        switch (result.failure, result.retried.first) {
        case (nil, nil): return ["\(colored(.green, "ok"))      \(name) (\(time))"] + trace
        case (nil, let failure?):
            let attempts = "attempt \(result.retried.count + 1) passed; the first failed:"
            return ["\(colored(.magenta, "FLAKY"))   \(name) (\(time))", "  \(attempts)"] + lines(failure) + trace
        case (let failure?, let first):
            let attempts = first.map { _ in ["  all \(result.retried.count + 1) attempts failed; the last:"] } ?? []
            return ["\(colored(.red, "FAILED"))  \(name) (\(time))"] + attempts + lines(failure) + trace
        }
    }

    private func lines(_ failure: TestFailure) -> [String] {
        let statement = "  " + VisibleText.line("\(failure.place): \(failure.code)")
        let lines = ([failure.message] + failure.lines).map { "    " + detail(VisibleText.line($0)) }
        return [statement] + lines
            + failure.inFinally.flatMap { ["  \(TestFailure.finallyHeading)"] + self.lines($0) }
    }

    package static func end(_ totals: TestReport.Totals) -> [String] {
        ["\(totals.words) (\(Seconds.words(totals.time)))"]
    }

    private func detail(_ line: String) -> String {
        line.hasPrefix("- ") ? colored(.green, line) : line.hasPrefix("+ ") ? colored(.red, line) : line
    }

    private func colored(_ color: Color, _ text: String) -> String {
        isColored ? color.rawValue + text + Color.reset : text
    }
}
