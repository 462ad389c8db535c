import NIOCore
import NIOPosix
import TestScript
import WebSocketTransport

/// One run of `wsline test`: reads the scripts, runs the tests and reports the results.
struct TestCommandRun {
    private let command: Test

    init(_ command: Test) {
        self.command = command
    }

    /// Runs the tests.
    ///
    /// - Throws: `Failure` for a script with mistakes, a failed test or a signal.
    func run() async throws {
        // Scripts and variables contain secrets, and so would a core dump.
        CoreDumps.forbid()
        let plan: TestPlan
        do throws(TestPlan.Invalid) {
            plan = try TestPlan(command)
        } catch {
            throw try report(error)
        }
        if command.check { return try reportCheck(plan) }
        do {
            try await command.waiting.wait()
        } catch {
            throw try report(TestPlan.Invalid(Failure(error)))
        }
        let cores = max(1, System.coreCount)
        let jobs = command.jobs?.value ?? 1
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(jobs, cores))
        guard plan.cases.contains(where: { needsEcho($0, plan.variables) }) else {
            return try await run(plan, jobs, group, echo: nil)
        }
        let listener = try await Listener(host: "127.0.0.1", port: 0, group: group)
        let server = Task { try await listener.run { try await $0.echo() } }
        defer { server.cancel() }
        try await run(plan, jobs, group, echo: try WebSocketURL("ws://127.0.0.1:\(listener.port)/"))
    }

    private func run(
        _ plan: TestPlan,
        _ jobs: Int,
        _ group: any EventLoopGroup,
        echo: WebSocketURL?
    ) async throws {
        var context = TestContext(
            group: group,
            variables: plan.variables,
            timeout: command.timeout?.duration ?? TestContext.defaultTimeout,
            echo: echo
        )
        context.trace = command.trace
        let start = ContinuousClock.now
        let report = command.report
        let suite = TestSuite(
            cases: plan.cases,
            rounds: command.rounds?.value ?? 1,
            jobs: jobs,
            stopsAtFailure: command.failFast,
            retries: command.retry?.value ?? 0
        )
        let progress = TestProgress(suite.count)
        var totals = TestReport.Totals()
        var files = TestReportFiles(command)
        try files.prepare()
        var failure: SystemCallError?
        func write(_ lines: [String]) {
            guard failure == nil, !lines.isEmpty else { return }
            progress.hide()
            do throws(SystemCallError) {
                try Self.print(lines)
            } catch {
                failure = error
            }
        }
        write(report.start(suite.count))
        let signals = Signals([SIGINT, SIGTERM, SIGHUP])
        // Start only once signals are handled, so that an early one still reports the tests that have run.
        await signals.taken()
        let ending = await suite.run(context, signals.events) { number, result in
            totals.count(result)
            do throws(SystemCallError) {
                try files.take(result, number)
            } catch {
                failure = error
            }
            write(report.lines(result, number))
            progress.note(totals)
            // A reader that has left, as in `| head -1`, affects neither the status nor the reports in files.
            return failure?.isBrokenPipe ?? true
        }
        progress.end()
        totals.notRun = suite.count - totals.passed - totals.failed - totals.skipped
        totals.time = ContinuousClock.now - start
        write(report.end(totals))
        let reason = ending.signal == nil ? "an earlier test failed (--fail-fast)" : "the run was interrupted"
        files.take(notRun: ending.notRun, because: reason)
        try files.write(totals)
        if let signal = ending.signal { throw Failure(.signal(signal), "") }
        if let failure, !failure.isBrokenPipe { throw Failure(failure) }
        if totals.failed > 0 { throw Failure(.expectationFailed, "") }
    }

    private static func print(_ lines: [String]) throws(SystemCallError) {
        guard !lines.isEmpty else { return }
        try StandardStreams.writeOutput(Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    /// Reports that no test ran, in the form that was asked for.
    ///
    /// - Returns: the failure that ends the run.
    private func report(_ invalid: TestPlan.Invalid) throws -> Failure {
        try Self.print(command.report.lines(invalid.problems, invalid.failure.message))
        var files = TestReportFiles(command)
        files.take(invalid.problems)
        try files.write(TestReport.Totals())
        return invalid.failure
    }

    private func reportCheck(_ plan: TestPlan) throws {
        let tests = plan.cases.count == 1 ? "1 test" : "\(plan.cases.count) tests"
        let scripts = plan.scriptCount == 1 ? "1 script" : "\(plan.scriptCount) scripts"
        try Self.print(["\(tests) in \(scripts), no mistakes"])
    }

    private func needsEcho(_ testCase: TestSuite.Case, _ variables: [String: String]) -> Bool {
        let variables = Variables(given: variables.merging(testCase.row?.values ?? [:]) { $1 })
        return testCase.test.allStatements.contains { statement in
            guard case .connect(let url) = statement.step else { return false }
            // The URL of a profile may be echo:, too.
            return url.source.hasPrefix("@") || (try? url.expanded { variables[$0] }) == "echo:"
        }
    }
}
