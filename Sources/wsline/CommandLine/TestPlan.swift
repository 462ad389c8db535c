import MessageText
import TestScript

/// The validated tests and variables of a `wsline test` command.
struct TestPlan {
    /// An error that prevents all tests from running.
    struct Invalid: Error {
        let problems: [TestProblem]
        /// The failure that determines the exit status.
        let failure: Failure

        init(_ failure: Failure, _ problems: [TestProblem]? = nil) {
            self.failure = failure
            self.problems = problems ?? [TestProblem(failure.message)]
        }
    }

    /// The tests to run, repeated for each row of data.
    let cases: [TestSuite.Case]
    /// The variables available to all tests.
    let variables: [String: String]
    /// The number of scripts with tests to run.
    let scriptCount: Int

    private static let caseLimit = 1_000_000

    /// Reads the scripts and their data, and prints all errors on standard error.
    init(_ command: Test) throws(Invalid) {
        do {
            let rows = try command.data.rows()
            variables = try command.data.variables().merging(GivenVariable.dictionary(command.set)) { $1 }
            let known = variables.merging(rows?.first?.values ?? [:]) { $1 }
            let scripts = try Self.read(command, known)
            let selected = scripts.map { script in
                script.tests.filter { command.selection.selection.includes($0, of: script.path) }
            }
            scriptCount = selected.count { !$0.isEmpty }
            let tests = zip(scripts, selected).flatMap { script, tests in tests.map { (script, $0) } }
            guard !tests.isEmpty else {
                throw Failure(.usage, "no test matches \(command.selection.selection.words)")
            }
            guard tests.count <= Self.caseLimit / (rows?.count ?? 1) else {
                throw Failure(.usage, "more than \(Self.caseLimit) runs; use --filter, or --data with fewer rows")
            }
            cases = tests.flatMap { script, test in
                rows?.map { TestSuite.Case(script: script, test: test, row: $0) }
                    ?? [TestSuite.Case(script: script, test: test)]
            }
        } catch let error as Invalid {
            throw error
        } catch let error as InvalidValue {
            throw Invalid(Failure(.unsendableInput, error.description))
        } catch {
            throw Invalid(Failure(error))
        }
    }

    /// Reads the scripts, and reports all of their errors before any test runs.
    private static func read(_ command: Test, _ variables: [String: String]) throws -> [Script] {
        var scripts: [Script] = []
        var problems: [ScriptProblem] = []
        let selection = command.selection.selection
        for file in try ScriptFiles.list(command.files) {
            let result = try ScriptFiles.read(
                file,
                .client,
                { Variables(given: variables)[$0] },
                isSelected: { selection.includes($0, of: file) }
            )
            switch result {
            case .success(let script):
                scripts.append(script)
                guard command.noCommands else { continue }
                let selected = script.tests.filter { selection.includes($0, of: file) }
                problems += selected.flatMap(\.commands).map { $0.problem("commands are not allowed (--no-commands)") }
            case .failure(let found): problems += found.list
            }
        }
        guard problems.isEmpty else { throw Invalid(report(problems), problems.map(TestProblem.init)) }
        return scripts
    }

    /// The maximum number of errors to print, because a file that is not a script has one on every line.
    private static let problemLimit = 25

    /// Prints script errors on standard error.
    ///
    /// - Parameter problems: the errors in one or more scripts; must not be empty.
    /// - Returns: the failure that ends the run.
    static func report(_ problems: [ScriptProblem]) -> Failure {
        let more = problems.count > problemLimit ? ["… and \(problems.count - problemLimit) more"] : []
        let lines = problems.prefix(problemLimit).flatMap(\.lines) + more
        StandardStreams.writeError(lines.joined(separator: "\n") + "\n")
        let files = Set(problems.map(\.path)).count
        let count = problems.count == 1 ? "1 mistake" : "\(problems.count) mistakes"
        let place = files == 1 ? "the script" : "\(files) scripts"
        return Failure(.unsendableInput, "\(count) in \(place); nothing was sent")
    }
}
