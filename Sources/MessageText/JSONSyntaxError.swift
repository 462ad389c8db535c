/// The first violation of the JSON grammar in a text.
package struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
    /// The byte at fault, from 0.
    package let offset: Int
    /// The token that would be correct there.
    package let expected: String

    package var description: String { "invalid JSON at byte \(offset + 1): expected \(expected)" }
}
