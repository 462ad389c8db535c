import MessageText
import WebSocketProtocol

/// Parses one line of a script.
struct StatementParser {
    var line: ScriptLine
    private var connection = ""

    /// The keywords that start a statement, in addition to connection options.
    static let words = ["connect", "timeout", "ping", "pong", "wait", "close"] + ruleWords
    /// The keywords that may directly follow `>` and `<`.
    static let sendings = ["string", "hex", "file", "binary"]
    static let expectations = ["string", "json", "hex", "file", "binary", "ping", "close", "~", "?", "!", "+", "*", "-"]
        + handshakeChecks

    /// Parses a line.
    ///
    /// - Returns: one statement, or two for `ping / pong`.
    /// - Throws: `ScriptProblem` for an invalid line.
    static func parse(_ line: ScriptLine) throws(ScriptProblem) -> [Statement] {
        var parser = StatementParser(line: line)
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
                    "expected the name of a connection behind @, of letters, digits, - and _"
                )
            }
            connection = String(name)
            guard !line.rest.isEmpty else {
                throw line.problem(at: line.column, "expected a statement behind @\(name), such as @\(name) > hello")
            }
        }
        switch line.rest.first {
        case ">": return [try sending()]
        case "<": return [try expectation()]
        default: return try word()
        }
    }

    func statement(_ step: Step, at column: Int? = nil) -> Statement {
        Statement(line: line, column: column ?? line.column, connection: connection, step: step)
    }

    // MARK: Words

    private mutating func word() throws(ScriptProblem) -> [Statement] {
        let start = line.column
        let word = String(line.takeWord())
        let column = line.column
        switch word {
        case "connect":
            guard !line.rest.isEmpty else { throw problem("expected a URL behind connect") }
            return [statement(.connect(try template(line.rest)))]
        case "timeout": return [statement(.timeout(try time()))]
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
            guard let option = ConnectionOption(rawValue: word) else { throw unknown(word, at: start) }
            return [statement(.option(option, try value(of: option)))]
        }
    }

    private func unknown(_ word: String, at column: Int) -> ScriptProblem {
        let near = nearNames(to: word, of: Self.words + ConnectionOption.allCases.map(\.rawValue))
        let hint =
            near.isEmpty
            ? "expected > to send, < to expect, or a word such as connect, header, timeout, ping, wait or close"
            : "there is no statement \(word); near it: \(near.joined(separator: ", "))"
        return line.problem(at: column, hint)
    }

    private func value(of option: ConnectionOption) throws(ScriptProblem) -> Template? {
        guard option.value != .none else {
            guard line.rest.isEmpty else { throw problem("expected nothing behind \(option.rawValue)") }
            return nil
        }
        guard !line.rest.isEmpty else { throw problem("expected a value behind \(option.rawValue)") }
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
        case "json": return statement(.expect(.json(try argument("JSON that the message contains"))))
        case "~": return statement(.expect(.regex(try argument("a regular expression"))))
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
                throw problem("\(line.rest) is the data of the ping here; the time limit is set by timeout \(line.rest)")
            }
            return statement(.expectPing(line.rest.isEmpty ? nil : try template(line.rest)))
        case "close":
            let column = line.column
            guard !line.rest.isEmpty else { return statement(.expectClose(nil, reason: nil)) }
            let code = try number()
            let reason = line.rest.isEmpty ? nil : try template(line.rest)
            return statement(.expectClose(code, reason: reason), at: column)
        case _ where Self.handshakeChecks.contains(operation): return try handshakeCheck(operation)
        default: return statement(.expect(.exact(try content(operation))))
        }
    }

    /// Consumes `>` or `<` and the keyword after it; returns the keyword.
    mutating func operation(_ sign: String, _ known: [String]) throws(ScriptProblem) -> String {
        let start = line.column
        _ = line.takes(sign, andSpaces: false)
        if let first = line.rest.first, "~?!+*-".contains(first) {
            guard known.contains(String(first)) else {
                throw line.problem(at: start, "there is no \(sign)\(first); a message stands behind \"\(sign) \"")
            }
            _ = line.takes(String(first))
            return String(first)
        }
        let word = String(line.takeWord())
        guard word.isEmpty || known.contains(word) && word.count > 1 else {
            let name = String(word.prefix { $0.isLetter })
            guard !name.isEmpty, !known.contains(name) else {
                throw line.problem(at: start, "expected a space behind \(sign)\(name)")
            }
            let near = nearNames(to: name, of: known.filter { $0.count > 1 })
            let hint = near.isEmpty ? "" : "; near it: " + near.map { sign + $0 }.joined(separator: ", ")
            throw line.problem(at: start, "there is no \(sign)\(name)\(hint); a message stands behind \"\(sign) \"")
        }
        return word
    }

    func content(_ operation: String) throws(ScriptProblem) -> Content {
        switch operation {
        case "hex": return .hex(try argument("hexadecimal digits, two for a byte, such as 00ff10", mayBeEmpty: true))
        case "file": return .file(try argument("the name of a file"), asBinary: false)
        case "binary": return .file(try argument("the name of a file"), asBinary: true)
        case "string":
            let text = try string()
            do throws(Template.Invalid) {
                return .text(try Template(text))
            } catch {
                throw problem(Self.expectedVariable)
            }
        default: return .text(try template(line.rest))
        }
    }

    /// Parses a JSON string.
    private func string() throws(ScriptProblem) -> String {
        let value: JSONValue
        do throws(JSONParser.Failure) {
            value = try JSONParser.parse(line.rest.utf8)
        } catch {
            let offset = String(decoding: line.rest.utf8.prefix(error.offset), as: UTF8.self).count
            throw line.problem(at: line.column + offset, "expected \(error.expected)")
        }
        guard case .string(let text) = value else { throw problem("expected a string in quotes, as JSON has it") }
        return text
    }

    mutating func pattern() throws(ScriptProblem) -> MessagePattern {
        guard let first = line.rest.first else {
            throw problem("expected what to wait for: a text, ~REGEX or {JSON}")
        }
        switch first {
        case "~":
            _ = line.takes("~", andSpaces: false)
            return .regex(try template(line.rest))
        case "{", "[": return .json(try template(line.rest))
        default: return .exact(.text(try template(line.rest)))
        }
    }

    // MARK: Arguments

    private static let expectedVariable = "expected a variable as in ${NAME}; $${ stands for ${ itself"

    func problem(_ message: String) -> ScriptProblem { line.problem(at: line.column, message) }

    func template(_ text: some StringProtocol) throws(ScriptProblem) -> Template {
        do throws(Template.Invalid) {
            return try Template(text)
        } catch {
            throw line.problem(at: line.column + error.offset, Self.expectedVariable)
        }
    }

    func argument(_ what: String, mayBeEmpty: Bool = false) throws(ScriptProblem) -> Template {
        guard mayBeEmpty || !line.rest.isEmpty else { throw problem("expected \(what)") }
        return try template(line.rest)
    }

    private func time() throws(ScriptProblem) -> Duration { try time(line.rest, at: line.column) }

    func time(_ text: Substring, at column: Int) throws(ScriptProblem) -> Duration {
        do throws(InvalidValue) {
            return try ScriptTime(text).duration
        } catch {
            throw line.problem(at: column, "expected a time such as 300ms, 2s or 1m")
        }
    }

    private mutating func number() throws(ScriptProblem) -> CloseCode {
        let column = line.column
        guard let code = UInt16(line.takeWord()) else {
            throw line.problem(at: column, "expected a close code such as 1000 or 4000")
        }
        return CloseCode(rawValue: code)
    }

    /// Parses a close code that may be sent.
    private mutating func closeCode() throws(ScriptProblem) -> CloseCode {
        let column = line.column
        let code = try number()
        do throws(CloseFrame.Invalid) {
            _ = try CloseFrame(code: code)
        } catch {
            throw line.problem(at: column, "\(error)")
        }
        return code
    }
}
