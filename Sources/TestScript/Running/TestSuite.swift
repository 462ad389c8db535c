import NIOCore
import WebSocketTransport

/// The tests of a command line, run in parallel.
package struct TestSuite: Sendable {
    /// One run of one test.
    package struct Case: Sendable {
        package let script: Script
        package let test: ScriptTest
        /// The number of this run of the test, from 1, and the number of all its runs; nil if each test runs once.
        package var round: (number: Int, of: Int)?

        package init(script: Script, test: ScriptTest) {
            self.script = script
            self.test = test
        }

        /// The names of the file and the test, and the round.
        package var name: String {
            let name = test.name == script.path ? script.path : "\(script.path): \(test.name)"
            return round.map { "\(name) (\($0.number) of \($0.of))" } ?? name
        }
    }

    /// The result of a test.
    package struct Result: Sendable {
        package let testCase: Case
        /// Nil if the test passed.
        package let failure: TestFailure?
        package let time: Duration

        package init(testCase: Case, failure: TestFailure?, time: Duration) {
            self.testCase = testCase
            self.failure = failure
            self.time = time
        }
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

    package init(cases: [Case], rounds: Int, jobs: Int, stopsAtFailure: Bool) {
        self.cases = cases
        self.rounds = rounds
        self.jobs = jobs
        self.stopsAtFailure = stopsAtFailure
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
    /// - Returns: the signal that ended the run, if any.
    package func run(_ context: TestContext, _ signals: AsyncStream<Int32>, _ report: (Int, Result) -> Bool) async
        -> Int32?
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
                group.addTask { .finished(number, await Self.run(testCase, context)) }
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
                    // A canceled test has no result.
                    guard signal == nil, isRead else { continue }
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
            return signal
        }
    }

    private static func run(_ testCase: Case, _ context: TestContext) async -> Result {
        let (failure, time) = await TestRun.run(testCase.test, of: testCase.script, context)
        return Result(testCase: testCase, failure: failure, time: time)
    }
}
