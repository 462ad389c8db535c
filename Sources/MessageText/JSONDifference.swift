/// A difference between expected and received JSON: `$.items[2].id: expected a string, got 7`.
package struct JSONDifference: Equatable, Sendable, CustomStringConvertible {
    /// The JSONPath of the value.
    package let path: String
    /// A description of the expected value.
    package let expected: String
    /// The value received; nil if there is none.
    package let received: JSONValue?

    package var description: String {
        "\(path): expected \(expected), got \(received.map { Excerpt.of($0.description) } ?? "nothing")"
    }
}
