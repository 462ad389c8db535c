/// Parsing of filters (RFC 9535, section 2.3.5) and type checking of functions (section 2.4).
extension JSONPathParser {
    /// An expression whose role in the filter is not known yet.
    private enum Term {
        case operand(JSONPath.Operand)
        /// A path, which can be an operand only if it is singular; any path can be an existence test.
        case query(JSONPath.Query)
        case condition(JSONPath.Filter, function: String)
    }

    mutating func filter() throws(JSONPathError) -> JSONPath.Filter {
        let parts = try list(separator: "||") { (parser) throws(JSONPathError) in
            let parts = try parser.list(separator: "&&") { (parser) throws(JSONPathError) in try parser.condition() }
            return parts.count == 1 ? parts[0] : .all(parts)
        }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    /// Parses one or more elements and the whitespace between them.
    private mutating func list(
        separator: String,
        _ part: (inout JSONPathParser) throws(JSONPathError) -> JSONPath.Filter
    ) throws(JSONPathError) -> [JSONPath.Filter] {
        var parts = [try part(&self)]
        while true {
            scanner.skipSpace()
            guard scanner.take(separator) else { return parts }
            scanner.skipSpace()
            parts.append(try part(&self))
        }
    }

    private mutating func condition() throws(JSONPathError) -> JSONPath.Filter {
        if scanner.take("!") {
            scanner.skipSpace()
            if let filter = try parenthesized() { return .not(filter) }
            let term = try term()
            return .not(try test(term))
        }
        if let filter = try parenthesized() { return filter }
        let start = index
        let left = try term()
        scanner.skipSpace()
        let place = index
        guard let comparison = JSONComparison.allCases.first(where: { scanner.take($0.rawValue) }) else {
            return try test(left)
        }
        let leftOperand = try operand(left, at: start, orComparisonAt: place)
        scanner.skipSpace()
        let right = index
        return .comparison(leftOperand, comparison, try operand(term(), at: right, orComparisonAt: right))
    }

    private mutating func parenthesized() throws(JSONPathError) -> JSONPath.Filter? {
        guard scanner.take("(") else { return nil }
        scanner.skipSpace()
        let filter = try nested { (parser) throws(JSONPathError) in try parser.filter() }
        scanner.skipSpace()
        guard scanner.take(")") else { throw failure("&&, || or )") }
        return filter
    }

    /// Returns a term as a filter condition.
    private func test(_ term: Term) throws(JSONPathError) -> JSONPath.Filter {
        switch term {
        case .query(let query): return .exists(query)
        case .condition(let filter, _): return filter
        case .operand: throw failure("a comparison")
        }
    }

    /// Returns a term as an operand of a comparison or as a function argument of value type.
    private func operand(
        _ term: Term,
        at position: Int,
        orComparisonAt comparison: Int
    ) throws(JSONPathError) -> JSONPath.Operand {
        switch term {
        case .operand(let operand): return operand
        case .query(let query):
            guard query.isSingular else { throw failure("a path of names and indexes only", at: position) }
            return .node(query)
        case .condition(_, let function):
            throw failure("a value; \(function)() is only true or false by itself", at: comparison)
        }
    }

    private mutating func term() throws(JSONPathError) -> Term {
        if let query = try query() { return .query(query) }
        if let text = try scanner.string() { return .operand(.literal(.string(text))) }
        if let number = try scanner.number() { return .operand(.literal(.number(number))) }
        let start = index
        switch scanner.word() {
        case "true": return .operand(.literal(.bool(true)))
        case "false": return .operand(.literal(.bool(false)))
        case "null": return .operand(.literal(.null))
        case let name?: return try nested { (parser) throws(JSONPathError) in try parser.function(name, at: start) }
        case nil: throw failure("a path that begins with @ or $, a literal or a function")
        }
    }

    private mutating func function(_ name: String, at start: Int) throws(JSONPathError) -> Term {
        guard ["length", "count", "value", "match", "search"].contains(name) else {
            throw failure("true, false, null, length, count, value, match or search", at: start)
        }
        guard scanner.take("(") else { throw failure("( after the name of a function") }
        scanner.skipSpace()
        let term: Term
        switch name {
        case "length": term = .operand(.length(try argument()))
        case "count": term = .operand(.count(try nodes()))
        case "value": term = .operand(.value(try nodes()))
        default:
            let isWhole = name == "match"
            let text = try argument()
            scanner.skipSpace()
            guard scanner.take(",") else { throw failure("a comma and a regular expression") }
            scanner.skipSpace()
            term = .condition(.matches(text, try expression(isWhole: isWhole), isWhole: isWhole), function: name)
        }
        scanner.skipSpace()
        guard scanner.take(")") else { throw failure(")") }
        return term
    }

    private mutating func argument() throws(JSONPathError) -> JSONPath.Operand {
        let start = index
        return try operand(term(), at: start, orComparisonAt: start)
    }

    private mutating func nodes() throws(JSONPathError) -> JSONPath.Query {
        guard let query = try query() else { throw failure("a path that begins with @ or $") }
        return query
    }

    /// Parses a regular expression: a valid literal, or an argument whose value comes from the document.
    private mutating func expression(isWhole: Bool) throws(JSONPathError) -> JSONPath.Expression {
        let start = index
        let operand = try argument()
        guard case .literal(.string(let source)) = operand else { return .operand(operand) }
        do throws(InteroperableRegex.Invalid) {
            return .literal(try InteroperableRegex(source, isWhole: isWhole))
        } catch {
            throw failure("a regular expression of RFC 9485 (\(error))", at: start)
        }
    }
}
