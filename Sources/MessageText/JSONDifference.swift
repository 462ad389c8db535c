/// A position at which JSON is not as expected: `$.items[2].id: expected a string, got 7`.
package struct JSONDifference: Equatable, Sendable, CustomStringConvertible {
    /// The JSONPath of the value.
    package let path: String
    /// The value expected, in words.
    package let expected: String
    /// The value received; nil if there is none.
    package let received: JSONValue?

    package var description: String {
        "\(path): expected \(expected), got \(received.map { Excerpt.of($0.description) } ?? "nothing")"
    }
}
