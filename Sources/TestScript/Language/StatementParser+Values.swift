import MessageText

/// Parsing of statements about variables and commands.
extension StatementParser {
    /// The words that begin a statement about variables and commands.
    static let valueWords = ["set", "check", "secret", "run"]

    /// Parses `set`, `check`, `secret` or `run`; nil for another word.
    mutating func value(_ word: String) throws(ScriptProblem) -> Statement? {
        switch word {
        case "set":
            let name = try variableName()
            let column = line.column
            return statement(.set(name, try valueSource()), at: column)
        case "secret":
            let column = line.column
            let name = try variableName()
            guard line.rest.isEmpty else { throw problem("expected one name") }
            return statement(.secret(name), at: column)
        case "run":
            guard !line.rest.isEmpty else { throw problem("expected a command, as for sh -c") }
            return statement(.run(String(line.rest)))
        case "check":
            let path = try pathAtStart()
            guard !line.rest.isEmpty else { throw problem("expected a condition such as == 3, exists or count 2") }
            return statement(.check(path, try template(line.rest)))
        default: return nil
        }
    }

    mutating func variableName() throws(ScriptProblem) -> String {
        let column = line.column
        let name = String(line.takeWord())
        guard Template.isName(name) else {
            throw line.problem(at: column, "expected the name of a variable, of letters, digits and _")
        }
        return name
    }

    private mutating func valueSource() throws(ScriptProblem) -> ValueSource {
        let text = line.rest
        if text.first == "!" {
            _ = line.takes("!")
            return try command()
        }
        guard Self.isPath(text) else { return .text(try argument("a value")) }
        return .path(try path(text))
    }

    /// Returns whether a text looks like a JSONPath: `$`, `$.name`, `$[0]`.
    private static func isPath(_ text: Substring) -> Bool {
        text.first == "$" && text.dropFirst().first.map { $0 == "." || $0 == "[" } ?? true
    }

    /// Parses a whole text as a JSONPath.
    private func path(_ text: Substring) throws(ScriptProblem) -> ScriptPath {
        do throws(JSONPathError) {
            return ScriptPath(path: try JSONPath(parsing: String(text)))
        } catch {
            throw problem(error, in: text)
        }
    }

    /// Parses the JSONPath at the start of the remaining line.
    private mutating func pathAtStart() throws(ScriptProblem) -> ScriptPath {
        do throws(JSONPathError) {
            let path = try JSONPath.parse(prefixOf: String(line.rest)).path
            _ = line.takes(path.source)
            return ScriptPath(path: path)
        } catch {
            throw problem(error, in: line.rest)
        }
    }

    private func problem(_ error: JSONPathError, in text: Substring) -> ScriptProblem {
        let start = line.source.distance(from: line.source.startIndex, to: text.startIndex)
        // JSONPath columns count code points, and a character of a line can consist of several.
        let column = min(start + error.column, line.source.count + 1)
        return line.problem(at: column, "invalid JSONPath: expected \(error.expected)")
    }

    /// Parses a command and the optional JSONPath after the last ` | `, which begins with `$`.
    private func command() throws(ScriptProblem) -> ValueSource {
        guard !line.rest.isEmpty else { throw problem("expected a command, as for sh -c") }
        guard let bar = line.rest.ranges(of: " | $").last else { return .command(String(line.rest), nil) }
        let text = line.rest[line.rest.index(before: bar.upperBound)...]
        guard Self.isPath(text) else { return .command(String(line.rest), nil) }
        return .command(String(line.rest[..<bar.lowerBound]), try path(text))
    }
}
