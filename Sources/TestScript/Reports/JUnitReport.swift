import MessageText

/// Test results as JUnit XML, which CI services read; one suite for each script.
package struct JUnitReport {
    private var suites: [(path: String, results: [TestSuite.Result])] = []
    /// The index of each script's suite, by path.
    private var places: [String: Int] = [:]
    private let start = Timestamp()

    package init() {}

    /// Adds a result.
    package mutating func take(_ result: TestSuite.Result) {
        let path = result.testCase.script.path
        if let place = places[path] {
            suites[place].results.append(result)
        } else {
            places[path] = suites.count
            suites.append((path, [result]))
        }
    }

    /// Returns the content of the XML file.
    package func text(_ totals: TestReport.Totals) -> String {
        let count = totals.passed + totals.failed
        let open =
            "<testsuites name=\"wsline\" tests=\"\(count)\" failures=\"\(totals.failed)\" "
            + "time=\"\(Self.seconds(totals.time))\">"
        let lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", open] + suites.flatMap(lines) + ["</testsuites>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(_ suite: (path: String, results: [TestSuite.Result])) -> [String] {
        let failed = suite.results.count { $0.failure != nil }
        let time = suite.results.reduce(.zero) { $0 + $1.time }
        // The schema allows no fraction and no time zone.
        let timestamp = start.rfc3339.prefix(19)
        return [
            "  <testsuite name=\"\(Self.escaped(suite.path))\" tests=\"\(suite.results.count)\" failures=\"\(failed)\" "
                + "errors=\"0\" skipped=\"0\" time=\"\(Self.seconds(time))\" timestamp=\"\(timestamp)\">"
        ] + suite.results.flatMap(Self.lines) + ["  </testsuite>"]
    }

    private static func lines(_ result: TestSuite.Result) -> [String] {
        let test = result.testCase.test
        let round = result.testCase.round.map { " (\($0.number) of \($0.of))" } ?? ""
        let open =
            "    <testcase name=\"\(escaped(test.name + round))\" classname=\"\(escaped(result.testCase.script.path))\" "
            + "time=\"\(seconds(result.time))\""
        guard let failure = result.failure else { return [open + "/>"] }
        let before = failure.earlier.isEmpty ? [] : ["before it:"] + failure.earlier
        let text = ["\(failure.place): \(failure.code)", failure.message] + failure.details + before
        let message = "\(failure.place): \(failure.message)"
        return [
            open + ">",
            "      <failure message=\"\(escaped(message))\" type=\"failure\">\(escaped(text.joined(separator: "\n")))</failure>",
            "    </testcase>",
        ]
    }

    private static func seconds(_ time: Duration) -> String {
        let milliseconds = Int(time / .milliseconds(1))
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }

    /// Escapes text for XML content and attributes. Characters that XML cannot contain are shown as escapes.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            // XML cannot contain most control characters, and none may reach a terminal.
            case _ where VisibleText.mustBeVisible(scalar): result += VisibleText.line(String(scalar))
            case "\u{FFFE}", "\u{FFFF}": result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
