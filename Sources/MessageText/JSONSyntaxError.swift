/// The first syntax error in a JSON text.
package struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
    /// The offset of the error, in bytes.
    package let offset: Int
    /// The token that is expected at the offset.
    package let expected: String

    package var description: String { "invalid JSON at byte \(offset + 1): expected \(expected)" }
}
