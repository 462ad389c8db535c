import MessageText

/// Results in the Test Anything Protocol, with the particulars of a failure as YAML.
///
/// Version 13, which every reader takes (Perl's `prove` refuses 14); what is written here is the same in both.
package enum TAPReport {
    package static func start(_ count: Int) -> [String] { ["TAP version 13", "1..\(count)"] }

    package static func lines(_ result: TestSuite.Result, _ number: Int) -> [String] {
        // A # would begin a directive such as SKIP.
        let name = VisibleText.line(result.testCase.name).replacing("#", with: "\\#")
        guard let failure = result.failure else { return ["ok \(number) - \(name)"] }
        var lines = ["not ok \(number) - \(name)", "  ---"]
        lines.append("  at: \(quoted(failure.place))")
        lines.append("  statement: \(quoted(failure.code))")
        lines.append("  message: \(quoted(failure.message))")
        lines += list("difference", failure.details) + list("before", failure.earlier)
        lines.append("  duration_ms: \(Int(result.time / .milliseconds(1)))")
        return lines + ["  ..."]
    }

    package static func end(_ totals: TestReport.Totals) -> [String] {
        switch totals.notRun {
        case 0: []
        case 1: ["Bail out! 1 test was not run"]
        default: ["Bail out! \(totals.notRun) tests were not run"]
        }
    }

    /// As a block of text: Perl's reader takes quoted lines with a colon for something else.
    private static func list(_ name: String, _ lines: [String]) -> [String] {
        guard let first = lines.first else { return [] }
        // Its first line says how far a block is indented.
        let block = [String(first.drop { $0 == " " })] + lines.dropFirst()
        return ["  \(name): |"] + block.map { "    \(VisibleText.line($0))" }
    }

    /// A string in quotes of the kind that have no escapes but that of the quote.
    private static func quoted(_ text: String) -> String {
        "'" + VisibleText.line(text).replacing("'", with: "''") + "'"
    }
}
