import MessageText

/// Test results in JUnit XML, which CI services read: one suite for each script, one case for each run of a test.
///
/// Retried tests are written as Maven Surefire does: `flakyFailure` for a test that passed in the end, `rerunFailure` beside
/// the first `failure` for one that did not.
package struct JUnitReport {
    private enum Outcome {
        case passed, failed, error, skipped
    }

    private struct Entry {
        let outcome: Outcome
        let time: Duration
        let lines: [String]
    }

    private var suites: [(path: String, entries: [Entry])] = []
    /// The index in `suites` for each path.
    private var places: [String: Int] = [:]
    private let start = Timestamp()

    private static let outputLimit = 1000

    package init() {}

    private mutating func add(_ entry: Entry, to path: String) {
        if let place = places[path] {
            suites[place].entries.append(entry)
        } else {
            places[path] = suites.count
            suites.append((path, [entry]))
        }
    }

    /// Adds a result.
    package mutating func take(_ result: TestSuite.Result) {
        if let reason = result.skipReason { return take(notRun: result.testCase, because: reason) }
        let failures = result.retried + [result.failure].compactMap { $0 }
        let content = failures.enumerated().flatMap { index, failure in
            Self.lines(failure, isFlaky: result.isFlaky, isRerun: index > 0)
        }
        let trace = TraceLines.lines(of: result, limit: Self.outputLimit)
        let output =
            trace.isEmpty
            ? [] : ["      <system-out>\(Self.escaped(trace.joined(separator: "\n")))</system-out>"]
        let outcome: Outcome = result.failure.map { $0.isError ? .error : .failed } ?? .passed
        let lines = Self.testCase(result.testCase, result.time, content + output)
        add(Entry(outcome: outcome, time: result.time, lines: lines), to: result.testCase.script.path)
    }

    /// Adds a test that did not run to its end.
    package mutating func take(notRun testCase: TestSuite.Case, because reason: String) {
        let content = ["      <skipped message=\"\(Self.escaped(reason))\"/>"]
        let lines = Self.testCase(testCase, .zero, content)
        add(Entry(outcome: .skipped, time: .zero, lines: lines), to: testCase.script.path)
    }

    /// Adds the mistakes because of which no test ran, a case for each file.
    package mutating func take(_ problems: [TestProblem]) {
        for (path, list) in Dictionary(grouping: problems, by: \.path).sorted(by: { $0.key < $1.key }) {
            guard let first = list.first else { continue }
            let text = Self.escaped(list.map(\.words).joined(separator: "\n"))
            let name = Self.escaped(path.isEmpty ? "wsline" : path)
            let place = path.isEmpty ? "" : " file=\"\(name)\" line=\"\(first.line ?? 1)\""
            let lines = [
                "    <testcase name=\"\(name)\" classname=\"\(name)\"\(place) time=\"0.000\">",
                "      <error message=\"\(Self.escaped(first.words))\" type=\"error\">\(text)</error>",
                "    </testcase>",
            ]
            add(Entry(outcome: .error, time: .zero, lines: lines), to: path.isEmpty ? "wsline" : path)
        }
    }

    /// Returns the content of the whole file.
    ///
    /// - Parameter time: the time of the whole run.
    /// - Returns: the XML.
    package func text(_ time: Duration) -> String {
        let entries = suites.flatMap(\.entries)
        let open = "<testsuites name=\"wsline\" \(Self.counts(entries, skipped: false)) time=\"\(Self.seconds(time))\">"
        let lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", open] + suites.flatMap(lines) + ["</testsuites>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(_ suite: (path: String, entries: [Entry])) -> [String] {
        let time = suite.entries.reduce(.zero) { $0 + $1.time }
        // The JUnit schema allows neither fractions nor time zones here.
        let timestamp = start.rfc3339.prefix(19)
        return [
            "  <testsuite name=\"\(Self.escaped(suite.path))\" \(Self.counts(suite.entries, skipped: true)) "
                + "time=\"\(Self.seconds(time))\" timestamp=\"\(timestamp)\">"
        ] + suite.entries.flatMap(\.lines) + ["  </testsuite>"]
    }

    private static func counts(_ entries: [Entry], skipped: Bool) -> String {
        func count(_ outcome: Outcome) -> Int { entries.count { $0.outcome == outcome } }
        return "tests=\"\(entries.count)\" failures=\"\(count(.failed))\" errors=\"\(count(.error))\""
            + (skipped ? " skipped=\"\(count(.skipped))\"" : "")
    }

    private static func testCase(_ testCase: TestSuite.Case, _ time: Duration, _ content: [String]) -> [String] {
        let path = escaped(testCase.script.path)
        let open =
            "    <testcase name=\"\(escaped(testCase.shortName))\" classname=\"\(path)\" file=\"\(path)\" "
            + "line=\"\(testCase.test.line.number)\" time=\"\(seconds(time))\""
        return content.isEmpty ? [open + "/>"] : [open + ">"] + content + ["    </testcase>"]
    }

    private static func lines(_ failure: TestFailure, isFlaky: Bool, isRerun: Bool) -> [String] {
        let message = escaped("\(failure.place): \(failure.message)")
        let kind = failure.isError ? "error" : "failure"
        let prefix = isFlaky ? "flaky" : isRerun ? "rerun" : ""
        let name = prefix.isEmpty ? kind : prefix + kind.prefix(1).uppercased() + kind.dropFirst()
        let escapedText = escaped(failure.report.joined(separator: "\n"))
        let content = prefix.isEmpty ? escapedText : "<stackTrace>\(escapedText)</stackTrace>"
        return ["      <\(name) message=\"\(message)\" type=\"\(kind)\">\(content)</\(name)>"]
    }

    private static func seconds(_ time: Duration) -> String {
        let milliseconds = Int(time / .milliseconds(1))
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }

    private static func escaped(_ text: String) -> String { MarkupText.escaped(text, newline: "&#10;") }
}
