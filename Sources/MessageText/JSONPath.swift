/// A JSONPath (RFC 9535): an expression that selects values in a JSON document.
///
/// In the regular expressions of `match()` and `search()`, `^` and `$` are anchors, as in the compliance test suite.
package struct JSONPath: Sendable {
    /// A selected value.
    package struct Node: Equatable, Sendable {
        package let value: JSONValue
        package let location: JSONLocation
    }

    /// The maximum length of a path, in characters.
    package static let lengthLimit = 16_384
    /// The deepest nesting of filters, parentheses and functions.
    package static let depthLimit = 32
    /// The maximum number of values that a path, or a path in a filter, selects.
    package static let resultLimit = 100_000
    /// The maximum number of steps of an evaluation, each of which visits a value or compares a few bytes.
    package static let stepLimit = 10_000_000

    /// The path as the user wrote it.
    package let source: String
    let query: Query

    /// Parses a path that is the whole text.
    ///
    /// - Throws: `JSONPathError`.
    package init(parsing text: String) throws(JSONPathError) {
        var parser = try JSONPathParser(text)
        query = try parser.path()
        guard parser.isAtEnd else { throw parser.failure("a dot, [ or the end of the path") }
        source = text
    }

    /// Parses a path at the start of a text, which ends where the text can't continue it: `$.items[0].id count 3`.
    ///
    /// - Returns: the path and the rest of the text.
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

    /// Whether the path selects at most one value in any document: it has names and indexes only.
    package var isSingular: Bool { query.isSingular }

    /// Returns the values that the path selects, in the order of RFC 9535; members of objects are sorted by name.
    ///
    /// - Throws: `InvalidValue` beyond `resultLimit` or `stepLimit`.
    package func select(in document: JSONValue) throws(InvalidValue) -> [Node] {
        var evaluation = JSONPathEvaluation(root: document)
        return try evaluation.nodes(of: query, at: document)
    }
}

/// The first fault in a JSONPath.
package struct JSONPathError: Error, Equatable, CustomStringConvertible {
    /// The path.
    package let source: String
    /// The character at fault, from 1.
    package let column: Int
    /// The text that would be correct there.
    package let expected: String

    package var description: String {
        "invalid JSONPath \"\(Excerpt.start(of: source, 200))\": column \(column): expected \(expected)"
    }
}
