import MessageText

/// Parses a script, and finds all mistakes before anything is sent.
package struct ScriptParser {
    /// The maximum length of a line, in bytes.
    static let lineLimit = 4 << 20
    /// The maximum number of statements in a script; statements shared by all tests count once for each.
    static let statementLimit = 100_000
    /// The maximum number of problems to look for: a file that is no script has one on each line.
    private static let problemLimit = 1000

    private let path: String
    private let side: Script.Side
    /// Options and `timeout` before the first test, which apply to all tests.
    private var preamble: [Statement] = []
    private var tests: [ScriptTest] = []
    /// The line of each test that has a name of its own.
    private var namedTests: [String: Int] = [:]
    private var problems: [ScriptProblem] = []
    private var statementCount = 0

    /// Parses and checks a script.
    ///
    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: the file name given by the user.
    ///   - folder: the folder that file names in the script are relative to; empty for the current folder.
    ///   - side: the side of the connection that the script plays.
    ///   - variable: returns the value of a variable known before the run; nil for any other.
    ///   - isSelected: whether a test is going to run; only those are checked.
    /// - Returns: the script.
    /// - Throws: `ScriptProblems` with all mistakes.
    package static func parse(
        _ text: String,
        path: String,
        folder: String,
        side: Script.Side,
        variable: (String) -> String?,
        isSelected: (ScriptTest) -> Bool = { _ in true }
    ) throws(ScriptProblems) -> Script {
        var parser = ScriptParser(path: path, side: side)
        let lastLine = parser.read(text)
        // A file that is left out may have any mistakes.
        if !parser.tests.isEmpty, !parser.tests.contains(where: isSelected) {
            return Script(path: path, folder: folder, tests: parser.tests)
        }
        for test in parser.tests where parser.problems.count < problemLimit && isSelected(test) {
            parser.problems += ScriptCheck.problems(of: test, side, folder: folder, variable)
        }
        if parser.tests.isEmpty, parser.problems.isEmpty {
            let expected =
                side == .client ? "connect URL, and what to send and to expect" : "what to send and to expect"
            parser.problems.append(lastLine.problem(at: 1, "the script has no step; expected \(expected)"))
        }
        guard parser.problems.isEmpty else { throw ScriptProblems(parser.problems) }
        return Script(path: path, folder: folder, tests: parser.tests)
    }

    /// Parses a script line by line, without checking its tests.
    ///
    /// - Returns: the tests; nil if a line is invalid.
    static func tests(in text: String, side: Script.Side) -> [ScriptTest]? {
        var parser = ScriptParser(path: "", side: side)
        _ = parser.read(text)
        return parser.problems.isEmpty ? parser.tests : nil
    }

    private init(path: String, side: Script.Side) {
        self.path = path
        self.side = side
    }

    /// Parses all lines and returns the last one.
    private mutating func read(_ text: String) -> ScriptLine {
        var rest = Substring(text).utf8
        var number = 0
        while true {
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            var content = rest[..<(end ?? rest.endIndex)]
            if end != nil, content.last == UInt8(ascii: "\r") { content.removeLast() }
            number += 1
            let isTooLong = content.count > Self.lineLimit
            let line = ScriptLine(isTooLong ? "" : String(Substring(content)), number: number, path: path)
            do throws(ScriptProblem) {
                if isTooLong { throw line.problem(at: 1, "the line is longer than \(Self.lineLimit >> 20) MiB") }
                try take(line)
            } catch {
                problems.append(error)
                if problems.count >= Self.problemLimit { return line }
            }
            guard let end else { return line }
            rest = rest[rest.index(after: end)...]
        }
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
            let name = String(line.rest)
            if let other = namedTests.updateValue(line.number, forKey: name) {
                throw line.problem(at: line.column, "the name \"\(name)\" is already used in line \(other)")
            }
            return try begin(name, line, preamble)
        }
        let statements = try StatementParser.parse(line)
        for statement in statements { try take(statement) }
    }

    private mutating func begin(_ name: String, _ line: ScriptLine, _ statements: [Statement]) throws(ScriptProblem) {
        try count(statements.count, line)
        tests.append(ScriptTest(name: name, line: line, statements: statements))
    }

    private mutating func count(_ statements: Int, _ line: ScriptLine) throws(ScriptProblem) {
        statementCount += statements
        guard statementCount <= Self.statementLimit else {
            throw line.problem(at: 1, "the script has more than \(Self.statementLimit) statements")
        }
    }

    private mutating func take(_ statement: Statement) throws(ScriptProblem) {
        try count(1, statement.line)
        switch statement.step {
        case .connect where tests.isEmpty || statement.connection.isEmpty && (tests.last?.hasConnect ?? false):
            // The URL as written; with variables replaced, it would differ from run to run.
            var line = statement.line
            while !line.rest.isEmpty, line.column < statement.column { _ = line.takeWord() }
            let name = Redaction.withoutSecrets(String(line.rest))
            try begin(name, statement.line, preamble)
        case .option where tests.isEmpty && side == .client, .timeout where tests.isEmpty && side == .client:
            return preamble.append(statement)
        case _ where tests.isEmpty:
            guard side == .server else {
                throw statement.line.problem(
                    at: 1,
                    "expected connect URL before this, or options of the connections of all tests"
                )
            }
            try begin(path, statement.line, [])
        default: break
        }
        tests[tests.count - 1].statements.append(statement)
    }
}

/// All mistakes in a script, in the order of its lines.
package struct ScriptProblems: Error, Equatable {
    package let list: [ScriptProblem]

    package init(_ problems: [ScriptProblem]) {
        var list = problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        // A mistake in a shared statement is found once for each test.
        var seen: Set<ScriptProblem> = []
        list.removeAll { !seen.insert($0).inserted }
        self.list = list
    }
}
