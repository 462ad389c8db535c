import NIOCore
import WebSocketTransport

/// The tests of a command line, run in parallel.
package struct TestSuite: Sendable {
    /// One run of one test.
    package struct Case: Sendable {
        package let script: Script
        package let test: ScriptTest
        /// The row of `--data` that the test runs with.
        package let row: DataTable.Row?
        /// The number of this run of the test, from 1, and the number of all its runs; nil if each test runs once.
        package var round: (number: Int, of: Int)?

        package init(script: Script, test: ScriptTest, row: DataTable.Row? = nil) {
            self.script = script
            self.test = test
            self.row = row
        }

        /// The names of the file and the test, the row and the round.
        package var name: String {
            let name = TestSelection.name(of: test, in: script.path)
            return name + suffix
        }

        /// The name of the test, the row and the round.
        package var shortName: String { test.name + suffix }

        private var suffix: String {
            (row.map { " (\($0.words))" } ?? "") + (round.map { " (\($0.number) of \($0.of))" } ?? "")
        }
    }

    /// The result of a test.
    package struct Result: Sendable {
        package let testCase: Case
        /// Nil if the test passed.
        package let failure: TestFailure?
        /// The failures of earlier attempts.
        package var retried: [TestFailure] = []
        /// The time of all attempts.
        package let time: Duration
        /// The events of the last attempt; nil if none were asked for.
        package var trace: TestTrace.Content?
        private var secrets: Secrets?

        /// The reason why the test did not run; nil if it did.
        package var skipReason: String? { testCase.test.skipReason }

        package init(testCase: Case, failure: TestFailure?, time: Duration) {
            self.testCase = testCase
            self.failure = failure
            self.time = time
        }

        init(
            testCase: Case,
            failure: TestFailure?,
            retried: [TestFailure],
            time: Duration,
            trace: TestTrace.Content?,
            secrets: Secrets
        ) {
            self.init(testCase: testCase, failure: failure, time: time)
            (self.retried, self.trace, self.secrets) = (retried, trace, secrets)
        }

        /// Whether the test passed after it had failed.
        package var isFlaky: Bool { failure == nil && !retried.isEmpty }

        /// Returns a text without the secrets of the test.
        package func hidingSecrets(_ text: String) -> String { secrets?.hide(text) ?? text }
    }

    /// How a run of tests has ended.
    package struct Ending: Sendable {
        /// The signal that ended it, if any.
        package var signal: Int32?
        /// The tests that did not run to their end; of very many the first.
        package var notRun: [Case] = []
    }

    private enum Event: Sendable {
        case finished(Int, Result)
        case signal(Int32)
        case nothing
    }

    package let cases: [Case]
    /// The number of times that each test runs.
    package let rounds: Int
    /// The number of tests that run at the same time.
    package let jobs: Int
    /// Whether to stop after the first failure.
    package let stopsAtFailure: Bool
    /// The number of times that a failed test runs again.
    package let retries: Int

    package init(cases: [Case], rounds: Int, jobs: Int, stopsAtFailure: Bool, retries: Int = 0) {
        self.cases = cases
        self.rounds = rounds
        self.jobs = jobs
        self.stopsAtFailure = stopsAtFailure
        self.retries = retries
    }

    /// The number of runs of all tests.
    package var count: Int {
        let (count, isTooMany) = cases.count.multipliedReportingOverflow(by: rounds)
        return isTooMany ? .max : count
    }

    /// Returns the run with a number, from 0.
    private func testCase(_ number: Int) -> Case {
        var testCase = cases[number % cases.count]
        if rounds > 1 { testCase.round = (number / cases.count + 1, rounds) }
        return testCase
    }

    /// Runs the tests.
    ///
    /// - Parameters:
    ///   - context: the settings shared by all tests.
    ///   - signals: signals that end the run.
    ///   - report: called with the number, from 1, and the result of each test, in order; returns false if output is no
    ///     longer read.
    /// - Returns: how the run has ended.
    package func run(_ context: TestContext, _ signals: AsyncStream<Int32>, _ report: (Int, Result) -> Bool) async
        -> Ending
    {
        await withTaskGroup(of: Event.self) { group in
            group.addTask {
                for await number in signals { return .signal(number) }
                return .nothing
            }
            var started = 0
            var isStopping = false
            func start() {
                guard started < count, !isStopping else { return }
                let number = started
                let testCase = testCase(number)
                group.addTask { [retries] in .finished(number, await Self.run(testCase, context, retries)) }
                started += 1
            }
            for _ in 0..<min(jobs, count) { start() }
            var finished: [Int: Result] = [:]
            var reported = 0
            var signal: Int32?
            var isRead = true
            // The task that waits for signals ends last.
            for await event in group {
                switch event {
                case .nothing: break
                case .signal(let number):
                    signal = number
                    isStopping = true
                    group.cancelAll()
                case .finished(let number, let result):
                    // An interrupted test has a result only if its `finally` part failed.
                    guard isRead, signal == nil || result.failure != nil else { continue }
                    finished[number] = result
                    if stopsAtFailure, result.failure != nil { isStopping = true }
                    while isRead, let next = finished.removeValue(forKey: reported) {
                        reported += 1
                        isRead = report(reported, next)
                    }
                    if !isRead { isStopping = true }
                    start()
                    if !isRead || reported == started { group.cancelAll() }
                }
            }
            // Report tests that finished although an earlier one did not.
            for (number, result) in finished.sorted(by: { $0.key < $1.key }) where isRead {
                isRead = report(number + 1, result)
            }
            let notRun = (reported..<count).lazy.filter { finished[$0] == nil }.prefix(Self.notRunLimit)
            return Ending(signal: signal, notRun: notRun.map(testCase))
        }
    }

    /// The maximum number of tests that are named although they did not run.
    private static let notRunLimit = 10_000

    private static func run(_ testCase: Case, _ context: TestContext, _ retries: Int) async -> Result {
        guard testCase.test.skipReason == nil else { return Result(testCase: testCase, failure: nil, time: .zero) }
        var context = context
        context.variables.merge(testCase.row?.values ?? [:]) { $1 }
        var retried: [TestFailure] = []
        var time = Duration.zero
        while true {
            let run = await TestRun.run(testCase.test, of: testCase.script, context)
            time += run.time
            if let failure = run.failure, retried.count < retries, !Task.isCancelled {
                retried.append(failure)
                continue
            }
            return Result(
                testCase: testCase,
                failure: run.failure,
                retried: retried,
                time: time,
                trace: run.trace,
                secrets: run.secrets
            )
        }
    }
}
