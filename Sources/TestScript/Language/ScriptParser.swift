import MessageText

/// Parses a script, and finds all mistakes before anything is sent.
package struct ScriptParser {
    /// The maximum length of a line, in bytes.
    static let lineLimit = 4 << 20
    /// The maximum number of statements in a script; statements shared by all tests count once for each.
    static let statementLimit = 100_000
    /// The maximum number of problems to look for: a file that is no script has one on each line.
    private static let problemLimit = 1000

    let path: String
    let side: Script.Side
    /// The folder that file names are relative to; nil if files cannot be included.
    let folder: String?
    /// Options and `timeout` before the first test, which apply to all tests.
    var preamble: [Statement] = []
    var tests: [ScriptTest] = []
    /// The line of each test that has a name of its own.
    private var namedTests: [String: Int] = [:]
    var problems: [ScriptProblem] = []
    private var statementCount = 0
    var isInCleanup = false
    /// The loops whose `end` has not been read, the innermost last.
    var loops: [OpenLoop] = []
    /// The block of JSON being read: its first line, and the lines so far.
    var block: (header: ScriptLine, lines: [ScriptLine])?
    /// The files being read, by their canonical paths.
    var includes: [String] = []

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
        var parser = ScriptParser(path: path, side: side, folder: folder)
        parser.includes = [canonicalPath(path)]
        let lastLine = parser.read(text, path: path)
        // A file that is left out may have any mistakes.
        if !parser.tests.isEmpty, !parser.tests.contains(where: isSelected) {
            return Script(path: path, folder: folder, tests: parser.tests)
        }
        for test in parser.tests
        where parser.problems.count < problemLimit && test.skipReason == nil && isSelected(test) {
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

    /// Parses a script line by line, without checking its tests.
    ///
    /// - Returns: the tests; nil if a line is invalid.
    static func tests(in text: String, side: Script.Side) -> [ScriptTest]? {
        var parser = ScriptParser(path: "", side: side, folder: nil)
        _ = parser.read(text, path: "")
        return parser.problems.isEmpty ? parser.tests : nil
    }

    private init(path: String, side: Script.Side, folder: String?) {
        self.path = path
        self.side = side
        self.folder = folder
    }

    /// Parses all lines and returns the last one.
    mutating func read(_ text: String, path: String) -> ScriptLine {
        let depth = loops.count
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
                if end == nil { try finishBlock() }
            } catch {
                problems.append(error)
                if problems.count >= Self.problemLimit { return line }
            }
            guard let end else {
                closeLoops(downTo: depth)
                return line
            }
            rest = rest[rest.index(after: end)...]
        }
    }

    private mutating func take(_ source: ScriptLine) throws(ScriptProblem) {
        var line = source
        if try takeBlockLine(line) { return }
        guard !line.isEmpty else { return }
        if line.takes("==") {
            guard line.rest.first != "=" else { throw line.problem(at: 1, "expected == and the name of a test") }
            guard !line.rest.isEmpty else {
                throw line.problem(at: line.column, "expected the name of a test after ==")
            }
            guard side == .client || tests.isEmpty else {
                throw line.problem(at: 1, "a script for serve has only one test, which runs for each client")
            }
            closeLoops(downTo: 0)
            let (name, tags) = Self.nameAndTags(line.rest)
            guard !name.isEmpty else { throw line.problem(at: line.column, "expected a name before the tags") }
            if let other = namedTests.updateValue(line.number, forKey: String(line.rest)) {
                throw line.problem(at: line.column, "the name \"\(name)\" is already used in line \(other)")
            }
            try begin(name, line, preamble)
            tests[tests.count - 1].tags = tags
            return
        }
        if try takeStructure(line) { return }
        if StatementParser.beginsBlock(line) {
            block = (line, [])
            return
        }
        try take(try StatementParser.parse(line))
    }

    /// Splits `name [tag] [tag]`.
    private static func nameAndTags(_ text: Substring) -> (name: String, tags: [String]) {
        var name = text
        var tags: [String] = []
        while name.last == "]", let start = name.lastIndex(of: "[") {
            let tag = name[start...].dropFirst().dropLast()
            let before = name[..<start]
            guard !tag.isEmpty, tag.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }),
                before.last.map(ScriptLine.isSpace) ?? true
            else { break }
            tags.insert(String(tag), at: 0)
            name = before.trimmingSpaces
        }
        return (String(name), tags)
    }

    mutating func take(_ statements: [Statement]) throws(ScriptProblem) {
        for statement in statements { try take(statement) }
    }

    mutating func begin(_ name: String, _ line: ScriptLine, _ statements: [Statement]) throws(ScriptProblem) {
        try count(statements.count, line)
        isInCleanup = false
        tests.append(ScriptTest(name: name, line: line, statements: statements))
    }

    mutating func count(_ statements: Int, _ line: ScriptLine) throws(ScriptProblem) {
        statementCount += statements
        guard statementCount <= Self.statementLimit else {
            throw line.problem(at: 1, "the script is too long; the limit is \(Self.statementLimit) statements")
        }
    }

    mutating func take(_ statement: Statement) throws(ScriptProblem) {
        try count(1, statement.line)
        switch statement.step {
        case .connect where beginsTest(statement):
            // The URL as written; with variables replaced, it would differ from run to run.
            var line = statement.line
            while !line.rest.isEmpty, line.column < statement.column { _ = line.takeWord() }
            let name = Redaction.withoutSecrets(String(line.rest))
            try begin(name, statement.line, preamble)
        case let step where tests.isEmpty && side == .client && step.canBeShared: return preamble.append(statement)
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
        append(statement)
    }

    /// Whether a `connect` begins another test.
    private func beginsTest(_ statement: Statement) -> Bool {
        guard let test = tests.last else { return true }
        return loops.isEmpty && statement.connection.isEmpty && test.hasConnect
    }
}

/// All mistakes in a script, in the order of its lines.
package struct ScriptProblems: Error, Equatable {
    package let list: [ScriptProblem]

    package init(_ problems: [ScriptProblem]) {
        // Included files come after the one that includes them.
        var files: [String: Int] = [:]
        for problem in problems where files[problem.path] == nil { files[problem.path] = files.count }
        var list = problems.sorted { left, right in
            (files[left.path] ?? 0, left.line, left.column) < (files[right.path] ?? 0, right.line, right.column)
        }
        // A mistake in a shared statement is found once for each test.
        var seen: Set<ScriptProblem> = []
        list.removeAll { !seen.insert($0).inserted }
        self.list = list
    }
}
