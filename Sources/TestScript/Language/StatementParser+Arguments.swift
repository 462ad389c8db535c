import MessageText
import WebSocketProtocol

/// Parsing of statement arguments.
extension StatementParser {
    private static let expectedVariable = "expected a variable such as ${NAME}; write $${ for a literal ${"

    func problem(_ message: String) -> ScriptProblem { line.problem(at: line.column, message) }

    func template(_ text: some StringProtocol) throws(ScriptProblem) -> Template {
        try Self.template(text, in: line)
    }

    /// Parses a template at the start of the remaining line.
    static func template(_ text: some StringProtocol, in line: ScriptLine) throws(ScriptProblem) -> Template {
        do throws(Template.Invalid) {
            return try Template(text)
        } catch {
            throw line.problem(at: line.column + error.offset, explain(error))
        }
    }

    /// Parses a JSON string with variables at the start of the remaining line.
    static func quotedTemplate(_ source: Substring, in line: ScriptLine) throws(ScriptProblem) -> Template {
        let value: JSONValue
        do throws(JSONParser.Failure) {
            value = try JSONParser.parse(source.utf8)
        } catch {
            let offset = String(decoding: source.utf8.prefix(error.offset), as: UTF8.self).count
            throw line.problem(at: line.column + offset, "expected \(error.expected)")
        }
        guard case .string(let text) = value else {
            throw line.problem(at: line.column, "expected a JSON string in quotes")
        }
        do throws(Template.Invalid) {
            return try Template(text)
        } catch {
            throw line.problem(at: line.column, explain(error))
        }
    }

    /// Consumes a word, or a JSON string, and the spaces after it.
    static func wordOrString(_ line: inout ScriptLine) throws(ScriptProblem) -> Template {
        let start = line
        guard line.rest.first == "\"" else { return try template(line.takeWord(), in: start) }
        let source = line.rest[..<endOfJSON(line.rest)]
        _ = line.takes(String(source), andSpaces: false)
        guard line.rest.first.map(ScriptLine.isSpace) ?? true else {
            throw line.problem(at: line.column, "expected a space after the closing quotation mark")
        }
        line.skipSpaces()
        return try quotedTemplate(source, in: start)
    }

    static func explain(_ error: Template.Invalid) -> String {
        error.function.map(TemplateFunction.fault) ?? expectedVariable
    }

    func argument(_ what: String, mayBeEmpty: Bool = false) throws(ScriptProblem) -> Template {
        guard mayBeEmpty || !line.rest.isEmpty else { throw problem("expected \(what)") }
        return try template(line.rest)
    }

    func time() throws(ScriptProblem) -> Duration { try time(line.rest, at: line.column) }

    func time(_ text: Substring, at column: Int) throws(ScriptProblem) -> Duration {
        do throws(InvalidValue) {
            return try Seconds(text).duration
        } catch {
            throw line.problem(at: column, "expected a time such as 300ms, 2s or 1m")
        }
    }

    mutating func number() throws(ScriptProblem) -> CloseCode {
        let column = line.column
        guard let code = UInt16(line.takeWord()) else {
            throw line.problem(at: column, "expected a close code such as 1000 or 4000")
        }
        return CloseCode(rawValue: code)
    }

    /// Parses a close code that an endpoint is allowed to send.
    mutating func closeCode() throws(ScriptProblem) -> CloseCode {
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
