extension JSONPredicate {
    private static let words = ["contains", "count", "endsWith", "exists", "isType", "matches", "startsWith"]

    /// Parses a predicate, which is an optional `not`, a name or an operator, and an operand if required.
    ///
    /// An operand is JSON; for `matches`, it can also be an unquoted regular expression up to the end of the text.
    ///
    /// - Throws: `InvalidValue` that quotes the invalid part.
    package init(_ source: String) throws(InvalidValue) {
        let text = source.trimmingSpaces
        let (word, rest) = Self.firstWord(text)
        isNegated = word == "not"
        condition = try Self.condition(isNegated ? rest : text)
    }

    private static func condition(_ text: Substring) throws(InvalidValue) -> Condition {
        if let (comparison, operand) = comparison(text) {
            return .comparison(comparison, try json(operand, of: comparison.rawValue))
        }
        let (word, operand) = firstWord(text)
        switch word {
        case "exists":
            guard operand.isEmpty else {
                throw InvalidValue("\"exists\" takes no value; remove \"\(excerpt(operand))\"")
            }
            return .exists
        case "count":
            let (comparison, number) = comparison(operand) ?? (.equal, operand)
            guard number.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let count = Int(number) else {
                throw InvalidValue("\"count\" requires a number such as 3, not \"\(excerpt(number))\"")
            }
            return .count(comparison, count)
        case "contains": return .contains(try json(operand, of: word))
        case "startsWith": return .startsWith(try string(operand, of: word))
        case "endsWith": return .endsWith(try string(operand, of: word))
        case "matches":
            guard !operand.isEmpty else { throw InvalidValue("\"matches\" needs a regular expression") }
            let source = operand.hasPrefix("\"") ? try string(operand, of: word) : String(operand)
            return .matches(try RegularExpression(source))
        case "isType":
            guard let type = JSONType(rawValue: String(operand)) else {
                throw InvalidValue("\"isType\" requires one of \(JSONType.names), not \"\(excerpt(operand))\"")
            }
            return .isType(type)
        default:
            let near = nearNames(to: word, of: words).map { "\"\($0)\"" }.joined(separator: " or ")
            let operators = JSONComparison.allCases.map(\.rawValue) + words + ["not"]
            throw InvalidValue(
                "unknown condition \"\(excerpt(word))\"; "
                    + (near.isEmpty ? "use one of \(operators.joined(separator: " "))" : "did you mean \(near)?")
            )
        }
    }

    private static func firstWord(_ text: Substring) -> (String, rest: Substring) {
        let word = text.prefix { $0 != " " && $0 != "\t" }
        return (String(word), text[word.endIndex...].trimmingSpaces)
    }

    /// Splits a text into an operator and its operand; returns nil if it does not begin with an operator.
    private static func comparison(_ text: Substring) -> (JSONComparison, Substring)? {
        JSONComparison.allCases.first { text.hasPrefix($0.rawValue) }
            .map { ($0, text.dropFirst($0.rawValue.count).trimmingSpaces) }
    }

    private static func json(_ operand: Substring, of name: String) throws(InvalidValue) -> JSONValue {
        do throws(JSONSyntaxError) { return try JSONParser.parse(operand.utf8) } catch {
            throw InvalidValue(
                "\"\(name)\" requires a JSON value, but \"\(excerpt(operand))\" is \(error); write strings in quotes"
            )
        }
    }

    private static func string(_ operand: Substring, of name: String) throws(InvalidValue) -> String {
        guard case .string(let text) = try json(operand, of: name) else {
            throw InvalidValue("\"\(name)\" needs text in quotes, not \(excerpt(operand))")
        }
        return text
    }

    private static func excerpt(_ text: some StringProtocol) -> String { Excerpt.start(of: text, 100) }
}
