import CPOSIX
import MessageText

/// Parsing of statements that contain other lines or files.
extension ScriptParser {
    /// A loop whose `end` has not been read.
    struct OpenLoop {
        let line: ScriptLine
        let column: Int
        /// The kind of the loop; nil if its first line is invalid.
        let kind: Loop.Kind?
        var body: [Statement] = []
    }

    /// The maximum nesting depth of included files.
    private static let includeLimit = 16

    /// Parses a line with `repeat`, `for`, `end`, `include`, `finally` or `skip`; returns false for any other.
    mutating func takeStructure(_ source: ScriptLine) throws(ScriptProblem) -> Bool {
        var line = source
        let word = line.takeWord()
        switch word {
        case "repeat": try beginLoop(source, line) { line throws(ScriptProblem) in .count(try Self.count(line)) }
        case "for": try beginLoop(source, line) { line throws(ScriptProblem) in try Self.values(line) }
        case "end": try endLoop(line)
        case "include": try include(line)
        case "finally":
            try expectTest(line, "finally")
            guard line.rest.isEmpty else { throw line.problem(at: line.column, "finally takes no value") }
            guard loops.isEmpty else { throw line.problem(at: 1, "finally is not possible inside a loop") }
            guard !isInCleanup else { throw line.problem(at: 1, "the test already has a finally") }
            isInCleanup = true
        case "skip":
            try expectTest(line, "skip")
            guard !line.rest.isEmpty else { throw line.problem(at: line.column, "expected the reason") }
            tests[tests.count - 1].skipReason = String(line.rest)
        default: return false
        }
        return true
    }

    private func expectTest(_ line: ScriptLine, _ word: String) throws(ScriptProblem) {
        guard tests.isEmpty else { return }
        throw line.problem(at: 1, "expected == NAME or connect URL before \(word)")
    }

    // MARK: Loops

    private mutating func beginLoop(
        _ source: ScriptLine,
        _ line: ScriptLine,
        _ parse: (ScriptLine) throws(ScriptProblem) -> Loop.Kind
    ) throws(ScriptProblem) {
        // The loop begins even if its first line is invalid, so that its `end` is not reported as another error.
        var kind: Loop.Kind?
        defer { loops.append(OpenLoop(line: source, column: line.column, kind: kind)) }
        if tests.isEmpty { try begin(path, source, preamble) }
        guard loops.count < Loop.depthLimit else {
            throw line.problem(at: 1, "the loops are nested too deeply; the limit is \(Loop.depthLimit)")
        }
        kind = try parse(line)
    }

    private static func count(_ line: ScriptLine) throws(ScriptProblem) -> Template {
        guard !line.rest.isEmpty else { throw line.problem(at: line.column, "expected a number of times") }
        return try StatementParser.template(line.rest, in: line)
    }

    private static func values(_ line: ScriptLine) throws(ScriptProblem) -> Loop.Kind {
        var line = line
        let column = line.column
        let name = String(line.takeWord())
        guard Template.isName(name) else { throw line.problem(at: column, "expected for NAME in VALUE VALUE …") }
        let inColumn = line.column
        guard line.takeWord() == "in", !line.rest.isEmpty else {
            throw line.problem(at: inColumn, "expected for \(name) in VALUE VALUE …")
        }
        var values: [Template] = []
        while !line.rest.isEmpty { values.append(try StatementParser.wordOrString(&line)) }
        return .values(name, values)
    }

    private mutating func endLoop(_ line: ScriptLine) throws(ScriptProblem) {
        guard line.rest.isEmpty else { throw line.problem(at: line.column, "end takes no value") }
        guard let loop = loops.popLast() else { throw line.problem(at: 1, "there is no repeat or for before this end") }
        guard let kind = loop.kind else { return }
        let step = Step.loop(Loop(kind: kind, body: loop.body))
        append(Statement(line: loop.line, column: loop.column, connection: "", step: step))
    }

    /// Adds problems for loops without `end`.
    mutating func closeLoops(downTo depth: Int) {
        while loops.count > depth {
            let loop = loops.removeLast()
            problems.append(loop.line.problem(at: 1, "expected end after this loop"))
        }
    }

    /// Adds a statement to the innermost loop, or to the test.
    mutating func append(_ statement: Statement) {
        if !loops.isEmpty {
            loops[loops.count - 1].body.append(statement)
        } else if isInCleanup {
            tests[tests.count - 1].cleanup.append(statement)
        } else {
            tests[tests.count - 1].statements.append(statement)
        }
    }

    // MARK: Files

    private mutating func include(_ line: ScriptLine) throws(ScriptProblem) {
        let column = line.column
        func problem(_ message: String) -> ScriptProblem { line.problem(at: column, message) }
        guard let folder, !line.rest.isEmpty else { throw problem("expected the name of a file") }
        try count(1, line)
        let file = UserPath.resolve(String(line.rest), in: folder)
        let place = Self.canonicalPath(file)
        guard !includes.contains(place) else { throw problem("\"\(line.rest)\" includes itself") }
        guard includes.count <= Self.includeLimit else {
            throw problem("the files are nested too deeply; the limit is \(Self.includeLimit)")
        }
        let text: String
        do throws(FileError) {
            let bytes = try InputFile.read(file, limit: ScriptFiles.sizeLimit, of: "a script")
            do throws(ScriptProblems) {
                text = try ScriptFiles.text(of: bytes, file)
            } catch {
                problems += error.list
                return
            }
        } catch {
            throw problem(error.message)
        }
        includes.append(place)
        _ = read(text, path: file)
        includes.removeLast()
    }

    /// Returns a path with symbolic links resolved, or unchanged if there is no such file.
    static func canonicalPath(_ file: String) -> String {
        guard let resolved = realpath(UserPath.expand(file), nil) else { return file }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    // MARK: Blocks of JSON

    /// Adds a line to the current block, or ends the block at an empty line; returns false if there is no block.
    mutating func takeBlockLine(_ line: ScriptLine) throws(ScriptProblem) -> Bool {
        guard block != nil else { return false }
        guard line.source.allSatisfy(ScriptLine.isSpace) else {
            block?.lines.append(line)
            return true
        }
        try finishBlock()
        return true
    }

    /// Parses the current block.
    mutating func finishBlock() throws(ScriptProblem) {
        guard let (header, lines) = block else { return }
        block = nil
        try take(try StatementParser.parse(header, block: lines))
    }
}
