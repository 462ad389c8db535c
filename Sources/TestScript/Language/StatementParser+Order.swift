import MessageText

/// Parsing of rules and of statements about messages in any order.
extension StatementParser {
    /// The keywords of rules.
    static let ruleWords = ["on", "ignore", "every", "off"]

    /// The maximum count of `<*`.
    private static let countLimit = 1_000_000

    /// Parses the count of `<*`: nothing, `×3` or `x3`.
    mutating func messageCount() throws(ScriptProblem) -> Int {
        guard let sign = line.rest.first else { return 1 }
        guard sign == "×" || sign == "x", let count = Int(line.rest.dropFirst()), 1...Self.countLimit ~= count else {
            throw problem("expected a count such as ×3 or x3, at most \(Self.countLimit)")
        }
        return count
    }

    /// Parses `on`, `ignore`, `every` or `off`; nil for another word.
    mutating func rule(_ word: String) throws(ScriptProblem) -> Statement? {
        let column = line.column
        switch word {
        case "ignore": return statement(.ignore(try pattern()), at: column)
        case "off": return statement(.endRules(line.rest.isEmpty ? nil : try pattern()), at: column)
        case "every":
            let time = try time(line.takeWord(), at: column)
            guard time > .zero else { throw line.problem(at: column, "expected a time above 0") }
            return statement(.every(time, try answer()), at: column)
        case "on":
            var condition = self
            condition.line = line.takePart(to: endOfPattern())
            return statement(.answer(try condition.pattern(), try answer()), at: column)
        default: return nil
        }
    }

    /// Parses the message after a time or pattern: `> hello`, `>hex 00`.
    private mutating func answer() throws(ScriptProblem) -> Content {
        guard line.rest.first == ">" else { throw problem("expected > and the message to send") }
        let operation = try operation(">", Self.sendings)
        return try content(operation)
    }

    /// Returns the end of a pattern before `>`: after the last bracket of JSON, otherwise before the first ` >`.
    private func endOfPattern() -> String.Index {
        let rest = line.rest
        let isJSON = ["{", "[", "<json"].contains(where: rest.hasPrefix)
        let opening = rest.hasPrefix("<string") ? "\"" : isJSON ? "{[" : ""
        var start = rest.firstIndex(where: opening.contains).map { Self.endOfJSON(rest[$0...]) } ?? rest.startIndex
        while let place = rest[start...].firstRange(of: " >") {
            let word = rest[place.upperBound...].prefix { !ScriptLine.isSpace($0) }
            if word.isEmpty || Self.sendings.contains(String(word)) { return place.lowerBound }
            start = place.upperBound
        }
        return rest.endIndex
    }

    /// Returns the end of the JSON value that a text begins with: an object, an array or a string.
    static func endOfJSON(_ text: Substring) -> String.Index {
        var depth = 0
        var isString = false
        var isEscaped = false
        for index in text.indices {
            let character = text[index]
            defer { isEscaped = character == "\\" && !isEscaped }
            if character == "\"", !isEscaped { isString.toggle() }
            if isString { continue }
            if character == "{" || character == "[" { depth += 1 }
            if character == "}" || character == "]" { depth -= 1 }
            if depth == 0 { return text.index(after: index) }
        }
        return text.endIndex
    }
}
