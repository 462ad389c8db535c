import NIOCore
import NIOPosix
import TestScript
import WebSocketTransport

/// One run of `wsline test`: reads the scripts, runs the tests and reports the results.
struct TestCommandRun {
    private let command: Test
    private let variables: [String: String]

    init(_ command: Test) {
        self.command = command
        variables = GivenVariable.dictionary(command.set)
    }

    /// Runs the tests.
    ///
    /// - Throws: `Failure` for a script with mistakes, a failed test or a signal.
    func run() async throws {
        // Scripts and variables contain secrets, and so would a core dump.
        CoreDumps.forbid()
        let cases = try chosen(try read())
        let cores = max(1, System.coreCount)
        let jobs = command.jobs?.value ?? 1
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(jobs, cores))
        guard cases.contains(where: { needsEcho($0.test) }) else { return try await run(cases, jobs, group, echo: nil) }
        let listener = try await Listener(host: "127.0.0.1", port: 0, group: group)
        let server = Task { try await listener.run { try await $0.echo() } }
        defer { server.cancel() }
        try await run(cases, jobs, group, echo: try WebSocketURL("ws://127.0.0.1:\(listener.port)/"))
    }

    private func run(
        _ cases: [TestSuite.Case],
        _ jobs: Int,
        _ group: any EventLoopGroup,
        echo: WebSocketURL?
    ) async throws {
        let context = TestContext(
            group: group,
            variables: variables,
            timeout: command.timeout?.duration ?? TestContext.defaultTimeout,
            echo: echo
        )
        let start = ContinuousClock.now
        let report = command.report
        let suite = TestSuite(
            cases: cases,
            rounds: command.rounds?.value ?? 1,
            jobs: jobs,
            stopsAtFailure: command.failFast
        )
        let progress = TestProgress(suite.count)
        var totals = TestReport.Totals()
        var junit = command.junit.map { _ in JUnitReport() }
        var failure: SystemCallError?
        func write(_ lines: [String]) {
            guard failure == nil, !lines.isEmpty else { return }
            progress.hide()
            do throws(SystemCallError) {
                try StandardStreams.writeOutput(Array((lines.joined(separator: "\n") + "\n").utf8))
            } catch {
                failure = error
            }
        }
        write(report.start(suite.count))
        let signals = Signals([SIGINT, SIGTERM, SIGHUP])
        // A signal never ends the run before its results are reported, however early it arrives.
        await signals.taken()
        let signal = await suite.run(context, signals.events) { number, result in
            if result.failure == nil { totals.passed += 1 } else { totals.failed += 1 }
            junit?.take(result)
            write(report.lines(result, number))
            progress.note(totals)
            // A closed pipe (`| head -1`) affects neither the exit status nor the JUnit file.
            return failure?.isBrokenPipe ?? true
        }
        progress.end()
        totals.notRun = suite.count - totals.passed - totals.failed
        totals.time = ContinuousClock.now - start
        write(report.end(totals))
        if let path = command.junit, let junit { try writeFile(junit.text(totals), to: path) }
        if let signal { throw Failure(.signal(signal), "") }
        if let failure, !failure.isBrokenPipe { throw Failure(failure) }
        if totals.failed > 0 { throw Failure(.expectationFailed, "") }
    }

    private func writeFile(_ text: String, to path: String) throws(Failure) {
        do throws(SystemCallError) {
            try StandardStreams.write(Array(text.utf8), toFile: UserPath.expand(path))
        } catch {
            throw Failure(error)
        }
    }

    private func needsEcho(_ test: ScriptTest) -> Bool {
        test.statements.contains { statement in
            guard case .connect(let url) = statement.step else { return false }
            return (try? url.expanded { Variables(given: variables)[$0] }) == "echo:"
        }
    }

    /// The maximum number of mistakes to print: a file that is no script has one on each line.
    private static let problemLimit = 25

    /// Prints mistakes to standard error.
    ///
    /// - Parameter problems: the mistakes of one or several scripts, at least one.
    /// - Returns: the failure to end the run with.
    static func report(_ problems: [ScriptProblem]) -> Failure {
        let more = problems.count > problemLimit ? ["… and \(problems.count - problemLimit) more"] : []
        let lines = problems.prefix(problemLimit).flatMap(\.lines) + more
        StandardStreams.writeError(lines.joined(separator: "\n") + "\n")
        let files = Set(problems.map(\.path)).count
        let count = problems.count == 1 ? "1 mistake" : "\(problems.count) mistakes"
        let place = files == 1 ? "the script" : "\(files) scripts"
        return Failure(.unsendableInput, "\(count) in \(place), so nothing was sent")
    }

    /// Reads all scripts and reports all of their mistakes before any test runs.
    private func read() throws -> [Script] {
        var scripts: [Script] = []
        var problems: [ScriptProblem] = []
        for file in try ScriptFiles.list(command.files) {
            switch try ScriptFiles.read(file, .client, { Variables(given: variables)[$0] }) {
            case .success(let script): scripts.append(script)
            case .failure(let found): problems += found.list
            }
        }
        guard problems.isEmpty else { throw Self.report(problems) }
        return scripts
    }

    private func chosen(_ scripts: [Script]) throws(Failure) -> [TestSuite.Case] {
        let cases = scripts.flatMap { script in script.tests.map { TestSuite.Case(script: script, test: $0) } }
        let filter = command.filter ?? ""
        let chosen = cases.filter { filter.isEmpty || $0.name.contains(filter) }
        guard !chosen.isEmpty else {
            throw Failure(.usage, "no test has \"\(filter)\" in its name (--filter), of \(cases.count)")
        }
        return chosen
    }
}
