import NIOCore
import WebSocketClient

/// The tests of a command line, run side by side.
struct TestSuite: Sendable {
    /// One run of one test.
    struct Case: Sendable {
        let script: Script
        let test: ScriptTest
        /// Which of how many runs of the test it is, from 1; nil where each test runs once.
        var round: (number: Int, of: Int)?

        /// The file, the test and the round.
        var name: String {
            let name = test.name == script.path ? script.path : "\(script.path): \(test.name)"
            return round.map { "\(name) (\($0.number) of \($0.of))" } ?? name
        }
    }

    /// What came of a test.
    struct Result: Sendable {
        let testCase: Case
        /// Nil for a test that passed.
        let failure: TestFailure?
        let time: Duration
    }

    private enum Event: Sendable {
        case finished(Int, Result)
        case signal(Int32)
        case nothing
    }

    let cases: [Case]
    /// How many tests run at once.
    let jobs: Int
    /// Whether the first failure ends it.
    let stopsAtFailure: Bool

    /// Runs the tests.
    ///
    /// - Parameters:
    ///   - context: what the tests have in common.
    ///   - signals: ask for the end.
    ///   - report: is told each result, in the order of the cases; returns false when it is no longer read.
    /// - Returns: the signal that ended it, if one did.
    func run(_ context: TestContext, _ signals: Signals, _ report: (Result) -> Bool) async -> Int32? {
        await withTaskGroup(of: Event.self) { group in
            group.addTask {
                for await number in signals.events { return .signal(number) }
                return .nothing
            }
            var started = 0
            var isStopping = false
            func start() {
                guard started < cases.count, !isStopping else { return }
                let number = started
                let testCase = cases[number]
                group.addTask { .finished(number, await Self.run(testCase, context)) }
                started += 1
            }
            for _ in 0..<jobs { start() }
            var finished: [Int: Result] = [:]
            var reported = 0
            var signal: Int32?
            // The first task waits for signals, and ends last.
            for await event in group {
                switch event {
                case .nothing: break
                case .signal(let number):
                    signal = number
                    isStopping = true
                    group.cancelAll()
                case .finished(let number, let result):
                    // What was cancelled has no result.
                    if signal == nil { finished[number] = result }
                    if stopsAtFailure, result.failure != nil { isStopping = true }
                    while let next = finished.removeValue(forKey: reported) {
                        reported += 1
                        if !report(next) { isStopping = true }
                    }
                    start()
                    if finished.isEmpty, reported == started || signal != nil { group.cancelAll() }
                }
            }
            return signal
        }
    }

    private static func run(_ testCase: Case, _ context: TestContext) async -> Result {
        let (failure, time) = await TestRun.run(testCase.test, of: testCase.script, context)
        return Result(testCase: testCase, failure: failure, time: time)
    }
}
