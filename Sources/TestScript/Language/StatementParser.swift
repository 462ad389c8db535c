import MessageText
import WebSocketProtocol

/// Parses one line of a script.
struct StatementParser {
    var line: ScriptLine
    private var connection = ""
    /// The lines of a block after the first one.
    private var block: [ScriptLine] = []

    /// The keywords that start a statement, in addition to connection options.
    static let words = ["connect", "timeout", "ping", "pong", "wait", "close"] + ruleWords + valueWords
    /// The signs for words that other tools use.
    private static let signs = ["send": ">", "expect": "<", "receive": "<", "recv": "<"]
    /// The words that `ScriptParser` handles.
    static let structureWords = ["repeat", "for", "end", "include", "finally", "skip"]
    /// The keywords that may directly follow `>` and `<`.
    static let sendings = ["string", "json", "bytes", "hex", "base64", "file", "binary"]
    static let expectations =
        ["string", "json", "hex", "base64", "file", "binary", "ping", "close", "~", "~b", "?", "!", "+", "*", "-"]
        + handshakeChecks

    /// Parses a line.
    ///
    /// - Returns: one statement, or two for `ping / pong`.
    /// - Throws: `ScriptProblem` for an invalid line.
    static func parse(_ line: ScriptLine, block: [ScriptLine] = []) throws(ScriptProblem) -> [Statement] {
        var parser = StatementParser(line: line)
        parser.block = block
        return try parser.statements()
    }

    private init(line: ScriptLine) {
        self.line = line
    }

    private mutating func statements() throws(ScriptProblem) -> [Statement] {
        if line.rest.first == "@" {
            _ = line.take { $0 == "@" }
            let column = line.column
            let name = line.takeWord()
            guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }) else {
                throw line.problem(
                    at: column,
                    "expected a connection name after @, of letters, digits, - and _"
                )
            }
            connection = String(name)
            guard !line.rest.isEmpty else {
                throw line.problem(at: line.column, "expected a statement after @\(name), such as @\(name) > hello")
            }
        }
        switch line.rest.first {
        case ">": return [try sending()]
        case "<": return [try expectation()]
        default: return try word()
        }
    }

    func statement(_ step: Step, at column: Int? = nil) -> Statement {
        Statement(line: line, column: column ?? line.column, connection: connection, step: step, block: block)
    }

    // MARK: Words

    private mutating func word() throws(ScriptProblem) -> [Statement] {
        let start = line.column
        let word = String(line.takeWord())
        let column = line.column
        switch word {
        case "connect":
            guard !line.rest.isEmpty else { throw problem("expected a URL after connect") }
            return [statement(.connect(try template(line.rest)))]
        case "timeout":
            let limit = try time()
            guard limit > .zero else { throw problem("expected a time above 0, such as 300ms or 2s") }
            return [statement(.timeout(limit))]
        case "wait": return [statement(.wait(try time()))]
        case "pong": return [statement(.expectPong(within: line.rest.isEmpty ? nil : try time()))]
        case "ping":
            let parts = line.rest.split(separator: " ", maxSplits: 2)
            guard parts.count >= 2, parts[0] == "/", parts[1] == "pong" else {
                return [statement(.ping(try template(line.rest)))]
            }
            let ping = statement(.ping(try template("")))
            for _ in 0..<2 { _ = line.takeWord() }
            return [ping, statement(.expectPong(within: line.rest.isEmpty ? nil : try time()))]
        case "close":
            guard !line.rest.isEmpty else { return [statement(.close(.normalClosure, reason: try template("")))] }
            let code = try closeCode()
            return [statement(.close(code, reason: try template(line.rest)), at: column)]
        default:
            if let rule = try rule(word) { return [rule] }
            if let statement = try value(word) { return [statement] }
            guard let option = ConnectionOption(rawValue: word) else { throw unknown(word, at: start) }
            return [statement(.option(option, try value(of: option)))]
        }
    }

    private func unknown(_ word: String, at column: Int) -> ScriptProblem {
        guard !Self.structureWords.contains(word) else {
            return line.problem(at: 1, "\(word) cannot be used with @NAME")
        }
        if let sign = Self.signs[word] {
            return line.problem(at: column, "unknown statement \"\(word)\"; did you mean \(sign)?")
        }
        let near = nearNames(to: word, of: Self.words + Self.structureWords + ConnectionOption.allCases.map(\.rawValue))
        let hint =
            near.isEmpty
            ? "unknown statement \"\(word)\"; expected >, <, or a word such as connect, header, timeout, ping, wait or close"
            : "unknown statement \"\(word)\"; did you mean \(near.joined(separator: " or "))?"
        return line.problem(at: column, hint)
    }

    private func value(of option: ConnectionOption) throws(ScriptProblem) -> Template? {
        guard option.value != .none else {
            guard line.rest.isEmpty else { throw problem("\(option.rawValue) takes no value") }
            return nil
        }
        if option.value == .optionalText, line.rest.isEmpty { return nil }
        guard !line.rest.isEmpty else { throw problem("expected a value after \(option.rawValue)") }
        return try template(line.rest)
    }

    // MARK: Messages

    private mutating func sending() throws(ScriptProblem) -> Statement {
        let operation = try operation(">", Self.sendings)
        return statement(.send(try content(operation)))
    }

    private mutating func expectation() throws(ScriptProblem) -> Statement {
        let operation = try operation("<", Self.expectations)
        switch operation {
        case "?":
            let column = line.column
            return statement(.skip(to: try pattern()), at: column)
        case "!": return statement(.expectSilence(try time()))
        case "+", "-":
            let column = line.column
            let pattern = try pattern()
            return statement(operation == "+" ? .expectInAnyOrder(pattern) : .expectNever(pattern), at: column)
        case "*": return statement(.expectAny(count: try messageCount()))
        case "ping":
            if line.rest.last?.isLetter == true, (try? time()) != nil {
                throw problem(
                    "\(line.rest) is the data of the ping here; the time limit is set by timeout \(line.rest)"
                )
            }
            return statement(.expectPing(line.rest.isEmpty ? nil : try template(line.rest)))
        case "close":
            let column = line.column
            guard !line.rest.isEmpty else { return statement(.expectClose(nil, reason: nil)) }
            let code = try number()
            let reason = line.rest.isEmpty ? nil : try template(line.rest)
            return statement(.expectClose(code, reason: reason), at: column)
        case _ where Self.handshakeChecks.contains(operation): return try handshakeCheck(operation)
        default: return statement(.expect(try message(operation)))
        }
    }

    /// The keywords of messages that a pattern can contain: `on <hex c000 >hex d000`.
    static let patternKeywords = ["json", "string", "hex", "base64", "file", "binary", "~", "~b"]

    /// Parses the expected message after `<` and a keyword.
    private mutating func message(_ operation: String) throws(ScriptProblem) -> MessagePattern {
        switch operation {
        case "json": .json(try json("the JSON that the message must contain"))
        case "~": .regex(try argument("a regular expression"))
        case "~b": .binaryRegex(try argument("a regular expression"))
        case "hex" where line.rest.contains("?") || line.rest.contains(".."): .bytes(try template(line.rest))
        default: .exact(try content(operation))
        }
    }

    /// Consumes `>` or `<` and the keyword after it; returns the keyword.
    mutating func operation(_ sign: String, _ known: [String]) throws(ScriptProblem) -> String {
        let start = line.column
        _ = line.takes(sign, andSpaces: false)
        if let first = line.rest.first, "~?!+*-".contains(first) {
            guard known.contains(String(first)) else {
                throw line.problem(
                    at: start,
                    "unknown operator \(sign)\(first) (for a message, write a space after \(sign))"
                )
            }
            _ = line.takes(String(first), andSpaces: false)
            // Not "<~ b": that is a regular expression for text.
            let isBinary =
                first == "~" && line.rest.first == "b" && line.rest.dropFirst().first.map(ScriptLine.isSpace) == true
            if isBinary { _ = line.takes("b") }
            line.skipSpaces()
            return isBinary ? "~b" : String(first)
        }
        let word = String(line.takeWord())
        guard word.isEmpty || known.contains(word) && word.count > 1 else {
            let name = String(word.prefix { $0.isLetter })
            guard !name.isEmpty, !known.contains(name) else {
                throw line.problem(at: start, "expected a space after \(sign)\(name)")
            }
            let near = nearNames(to: name, of: known.filter { $0.count > 1 })
            let hint = near.isEmpty ? "" : "; did you mean \(near.map { sign + $0 }.joined(separator: " or "))?"
            throw line.problem(
                at: start,
                "unknown operator \(sign)\(name)\(hint) (for a message, write a space after \(sign))"
            )
        }
        return word
    }

    mutating func content(_ operation: String) throws(ScriptProblem) -> Content {
        switch operation {
        case "hex": return .hex(try argument("hexadecimal digits, such as 00ff10", mayBeEmpty: true))
        case "file": return .file(try argument("a file name"), asBinary: false)
        case "binary": return .file(try argument("a file name"), asBinary: true)
        case "base64": return .base64(try argument("base64", mayBeEmpty: true))
        case "json":
            let isPretty = line.rest == "pretty" || line.rest.hasPrefix("pretty ")
            if isPretty { _ = line.takeWord() }
            return .json(try json("JSON"), isPretty: isPretty)
        case "string": return .text(try Self.quotedTemplate(line.rest, in: line))
        case "bytes": return .bytes(try Self.quotedTemplate(line.rest, in: line))
        default: return .text(try template(line.rest))
        }
    }

    /// Parses JSON on the line, or in the block after it.
    private func json(_ what: String) throws(ScriptProblem) -> Template {
        guard line.rest.isEmpty, !block.isEmpty else { return try argument(what) }
        let text = block.map(\.source).joined(separator: "\n")
        do throws(Template.Invalid) {
            return try Template(text)
        } catch {
            throw statement(.wait(.zero)).problem(atOffset: error.offset, Self.explain(error))
        }
    }

    /// Whether a line begins a block of JSON, which ends before an empty line.
    static func beginsBlock(_ line: ScriptLine) -> Bool {
        var line = line
        if line.rest.first == "@" { _ = line.takeWord() }
        return ["<json", ">json", ">json pretty"].contains { line.rest == $0 }
    }

    mutating func pattern() throws(ScriptProblem) -> MessagePattern {
        guard let first = line.rest.first else {
            throw problem("expected a pattern: TEXT, ~REGEX or {JSON}")
        }
        switch first {
        case "~":
            // As an expression for text, it would never match.
            guard !line.rest.hasPrefix("~b ^") else { throw problem("for a binary message, write <\(line.rest)") }
            _ = line.takes("~", andSpaces: false)
            return .regex(try template(line.rest))
        case "{", "[": return .json(try template(line.rest))
        case "<":
            var expectation = self
            // Anything else is a text that begins with this character.
            guard let operation = try? expectation.operation("<", Self.patternKeywords), !operation.isEmpty else {
                return .exact(.text(try template(line.rest)))
            }
            self = expectation
            return try message(operation)
        default: return .exact(.text(try template(line.rest)))
        }
    }
}
