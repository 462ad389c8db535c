import MessageText

/// Reads a script, and finds all that is wrong with it before anything is sent.
package struct ScriptParser {
    /// The most bytes of a line.
    static let lineLimit = 4 << 20
    /// The most statements of a script, those counted again that all tests have in common.
    static let statementLimit = 100_000
    /// How many problems are looked for; a file that is no script has one on each line.
    private static let problemLimit = 1000

    private let path: String
    private let side: Script.Side
    /// Options and `timeout` before the first test, which hold for all.
    private var preamble: [Statement] = []
    private var tests: [ScriptTest] = []
    private var problems: [ScriptProblem] = []
    private var statementCount = 0

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
        let lastLine = parser.read(text)
        for test in parser.tests where parser.problems.count < problemLimit {
            parser.problems += ScriptCheck.problems(of: test, side, folder: folder, variable)
        }
        if parser.tests.isEmpty, parser.problems.isEmpty {
            let expected =
                side == .client ? "connect URL, then steps such as > hello" : "steps such as > hello"
            parser.problems.append(lastLine.problem(at: 1, "the script is empty; expected \(expected)"))
        }
        guard parser.problems.isEmpty else { throw ScriptProblems(parser.problems) }
        return Script(path: path, folder: folder, tests: parser.tests)
    }

    /// Reads the lines of a script, whether or not they make sense together.
    ///
    /// - Returns: the statements of each test; nil when a line is wrong.
    static func tests(in text: String, side: Script.Side) -> [ScriptTest]? {
        var parser = ScriptParser(path: "", side: side)
        _ = parser.read(text)
        return parser.problems.isEmpty ? parser.tests : nil
    }

    private init(path: String, side: Script.Side) {
        self.path = path
        self.side = side
    }

    /// Reads all lines; returns the last one.
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
                if isTooLong {
                    throw line.problem(at: 1, "the line is too long; the limit is \(Self.lineLimit >> 20) MiB")
                }
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
                throw line.problem(at: line.column, "expected the name of a test after ==")
            }
            guard side == .client || tests.isEmpty else {
                throw line.problem(at: 1, "a script for serve has only one test, which runs for each client")
            }
            return try begin(String(line.rest), line, preamble)
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
            throw line.problem(at: 1, "the script is too long; the limit is \(Self.statementLimit) statements")
        }
    }

    private mutating func take(_ statement: Statement) throws(ScriptProblem) {
        try count(1, statement.line)
        switch statement.step {
        case .connect where tests.isEmpty || statement.connection.isEmpty && (tests.last?.hasConnect ?? false):
            // The URL as it is written; what variables make of it differs from run to run.
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
                    "expected connect URL before this statement"
                )
            }
            try begin(path, statement.line, [])
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
