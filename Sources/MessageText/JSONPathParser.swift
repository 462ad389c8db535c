/// A JSONPath parser that reports syntax errors with their column.
struct JSONPathParser {
    var scanner: JSONPathScanner
    /// The number of filters, parentheses and functions that enclose the current position.
    private var depth = 0

    init(_ source: String) throws(JSONPathError) { scanner = try JSONPathScanner(source) }

    /// The number of Unicode scalars read.
    var index: Int { scanner.index }

    var isAtEnd: Bool { scanner.peek == nil }

    func failure(_ expected: String, at position: Int? = nil) -> JSONPathError {
        scanner.failure(expected, at: position)
    }

    /// Parses the longest path that starts with `$`.
    mutating func path() throws(JSONPathError) -> JSONPath.Query {
        guard scanner.peek == "$", let query = try query() else { throw failure("a path that begins with $") }
        return query
    }

    /// Parses a path that starts with `$` or `@`; returns nil if there is none.
    mutating func query() throws(JSONPathError) -> JSONPath.Query? {
        let isRelative = scanner.take("@")
        guard isRelative || scanner.take("$") else { return nil }
        var segments: [JSONPath.Segment] = []
        while let segment = try segment() { segments.append(segment) }
        return JSONPath.Query(isRelative: isRelative, segments: segments)
    }

    /// Calls a parsing function one nesting level deeper.
    mutating func nested<Result>(
        _ parse: (inout JSONPathParser) throws(JSONPathError) -> Result
    ) throws(JSONPathError) -> Result {
        guard depth < JSONPath.depthLimit else { throw failure("at most \(JSONPath.depthLimit) levels of nesting") }
        depth += 1
        defer { depth -= 1 }
        return try parse(&self)
    }

    private mutating func segment() throws(JSONPathError) -> JSONPath.Segment? {
        let end = scanner.index
        scanner.skipSpace()
        if scanner.take("..") {
            if scanner.take("[") { return JSONPath.Segment(isDescendant: true, selectors: try bracketed()) }
            return JSONPath.Segment(isDescendant: true, selectors: [try dotted("a name, * or [")])
        }
        if scanner.take(".") { return JSONPath.Segment(isDescendant: false, selectors: [try dotted("a name or *")]) }
        if scanner.take("[") { return JSONPath.Segment(isDescendant: false, selectors: try bracketed()) }
        scanner.index = end
        return nil
    }

    private mutating func dotted(_ expected: String) throws(JSONPathError) -> JSONPath.Selector {
        if scanner.take("*") { return .wildcard }
        guard let name = scanner.shorthand() else { throw failure(expected) }
        return .member(name)
    }

    private mutating func bracketed() throws(JSONPathError) -> [JSONPath.Selector] {
        var selectors: [JSONPath.Selector] = []
        repeat {
            scanner.skipSpace()
            selectors.append(try selector())
            scanner.skipSpace()
        } while scanner.take(",")
        guard scanner.take("]") else { throw failure("a comma or ]") }
        return selectors
    }

    private mutating func selector() throws(JSONPathError) -> JSONPath.Selector {
        if scanner.take("*") { return .wildcard }
        if let name = try scanner.string() { return .member(name) }
        if scanner.take("?") {
            scanner.skipSpace()
            return .filter(try nested { (parser) throws(JSONPathError) in try parser.filter() })
        }
        let start = try scanner.integer()
        let end = scanner.index
        scanner.skipSpace()
        guard scanner.take(":") else {
            scanner.index = end
            guard let start else { throw failure("a name in quotes, an index, a slice, * or ?") }
            return .element(start)
        }
        return .slice(try slice(from: start))
    }

    private mutating func slice(from start: Int?) throws(JSONPathError) -> JSONPath.Slice {
        scanner.skipSpace()
        let end = try scanner.integer()
        scanner.skipSpace()
        guard scanner.take(":") else { return JSONPath.Slice(start: start, end: end, step: 1) }
        scanner.skipSpace()
        return JSONPath.Slice(start: start, end: end, step: try scanner.integer() ?? 1)
    }
}
