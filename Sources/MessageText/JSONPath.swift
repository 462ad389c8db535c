/// A JSONPath (RFC 9535): an expression that selects values in a JSON document.
///
/// In `match()` and `search()`, `^` and `$` are anchors, as in the JSONPath compliance test suite.
package struct JSONPath: Sendable {
    /// A selected value.
    package struct Node: Equatable, Sendable {
        package let value: JSONValue
        package let location: JSONLocation
    }

    /// The maximum length of a path, in characters.
    package static let lengthLimit = 16_384
    /// The maximum nesting depth of filters, parentheses and functions.
    package static let depthLimit = 32
    /// The maximum number of values that a path can select, including a path in a filter.
    package static let resultLimit = 100_000
    /// The maximum number of evaluation steps; a step visits one value or compares a few bytes.
    package static let stepLimit = 10_000_000

    /// The path as the user wrote it.
    package let source: String
    let query: Query

    /// Creates a path from text that contains nothing else.
    ///
    /// - Throws: `JSONPathError`.
    package init(parsing text: String) throws(JSONPathError) {
        var parser = try JSONPathParser(text)
        query = try parser.path()
        guard parser.isAtEnd else { throw parser.failure("a dot, [ or the end of the path") }
        source = text
    }

    /// Parses the longest path at the start of a text, such as `$.items[0].id` in `$.items[0].id count 3`.
    ///
    /// - Returns: the path and the remaining text.
    /// - Throws: `JSONPathError`.
    package static func parse(
        prefixOf text: String
    ) throws(JSONPathError) -> (path: JSONPath, rest: Substring) {
        var parser = try JSONPathParser(text)
        let query = try parser.path()
        let end = text.unicodeScalars.index(text.startIndex, offsetBy: parser.index)
        return (JSONPath(source: String(text[..<end]), query: query), text[end...])
    }

    private init(source: String, query: Query) { (self.source, self.query) = (source, query) }

    /// Whether the path contains only names and indexes, and therefore selects at most one value in any document.
    package var isSingular: Bool { query.isSingular }

    /// Returns the values that the path selects in RFC 9535 order, with object members sorted by name.
    ///
    /// - Throws: `InvalidValue` if `resultLimit` or `stepLimit` is exceeded.
    package func select(in document: JSONValue) throws(InvalidValue) -> [Node] {
        var evaluation = JSONPathEvaluation(root: document)
        return try evaluation.nodes(of: query, at: document)
    }
}

/// The first syntax error in a JSONPath.
package struct JSONPathError: Error, Equatable, CustomStringConvertible {
    /// The path.
    package let source: String
    /// The column of the error, starting at 1.
    package let column: Int
    /// A description of the expected syntax.
    package let expected: String

    package var description: String {
        "invalid JSONPath \"\(Excerpt.start(of: source, 200))\": column \(column): expected \(expected)"
    }
}
