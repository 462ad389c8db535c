import MessageText

/// Reads a script, and finds all that is wrong with it before anything is sent.
package struct ScriptParser {
    private let path: String
    private let side: Script.Side
    /// Options and `timeout` before the first test, which hold for all.
    private var preamble: [Statement] = []
    private var tests: [ScriptTest] = []
    private var problems: [ScriptProblem] = []

    /// Reads a script.
    ///
    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: the file as the user named it.
    ///   - folder: the folder that files in the script are relative to; empty for the current one.
    ///   - side: which side of a connection it plays.
    ///   - variable: returns the value of a variable that is known beforehand.
    /// - Returns: the script.
    /// - Throws: `ScriptProblems`: all that is wrong with it.
    package static func parse(
        _ text: String,
        path: String,
        folder: String,
        side: Script.Side,
        variable: (String) -> String?
    ) throws(ScriptProblems) -> Script {
        var parser = ScriptParser(path: path, side: side)
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            do throws(ScriptProblem) {
                try parser.take(ScriptLine(String(line), number: index + 1, path: path))
            } catch {
                parser.problems.append(error)
            }
        }
        for test in parser.tests {
            parser.problems += ScriptCheck.problems(of: test, side, folder: folder, variable)
        }
        if parser.tests.isEmpty, parser.problems.isEmpty {
            let expected =
                side == .client ? "connect URL, and what to send and to expect" : "what to send and to expect"
            let end = ScriptLine(String(lines.last ?? ""), number: max(1, lines.count), path: path)
            parser.problems.append(end.problem(at: 1, "the script has no step; expected \(expected)"))
        }
        guard parser.problems.isEmpty else { throw ScriptProblems(parser.problems) }
        return Script(path: path, folder: folder, tests: parser.tests)
    }

    private init(path: String, side: Script.Side) {
        self.path = path
        self.side = side
    }

    private mutating func take(_ source: ScriptLine) throws(ScriptProblem) {
        var line = source
        guard !line.isEmpty else { return }
        if line.takes("==") {
            guard !line.rest.isEmpty else {
                throw line.problem(at: line.column, "expected the name of a test behind ==")
            }
            guard side == .client || tests.isEmpty else {
                throw line.problem(at: 1, "a script for serve has one test, which is played for each client")
            }
            return tests.append(ScriptTest(name: String(line.rest), line: line, statements: preamble))
        }
        let statements = try StatementParser.parse(line)
        for statement in statements { try take(statement) }
    }

    private mutating func take(_ statement: Statement) throws(ScriptProblem) {
        switch statement.step {
        case .connect where tests.isEmpty || statement.connection.isEmpty && (tests.last?.hasConnect ?? false):
            // The URL as it is written; what variables make of it differs from run to run.
            var line = statement.line
            while !line.rest.isEmpty, line.column < statement.column { _ = line.takeWord() }
            let name = Redaction.withoutCredentials(String(line.rest))
            tests.append(ScriptTest(name: name, line: statement.line, statements: preamble))
        case .option where tests.isEmpty && side == .client, .timeout where tests.isEmpty && side == .client:
            return preamble.append(statement)
        case _ where tests.isEmpty:
            guard side == .server else {
                throw statement.line.problem(
                    at: 1,
                    "expected connect URL before this, or options of the connections of all tests"
                )
            }
            tests.append(ScriptTest(name: path, line: statement.line, statements: []))
        default: break
        }
        tests[tests.count - 1].statements.append(statement)
    }
}

/// All that is wrong with a script, in the order of its lines.
package struct ScriptProblems: Error, Equatable {
    package let list: [ScriptProblem]

    package init(_ problems: [ScriptProblem]) {
        var list = problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        // What all tests have in common is wrong in each of them.
        var told: Set<ScriptProblem> = []
        list.removeAll { !told.insert($0).inserted }
        self.list = list
    }
}
