/// Colors as SGR sequences. All are readable on light and dark backgrounds, so blue and yellow are missing.
package enum Color: String, Sendable {
    case dim = "\u{1B}[2m"
    case bold = "\u{1B}[1m"
    case red = "\u{1B}[31m"
    case green = "\u{1B}[32m"
    case magenta = "\u{1B}[35m"
    case cyan = "\u{1B}[36m"

    package static let reset = "\u{1B}[m"

    /// Returns `text` in this color.
    package func applied(to text: String) -> String { rawValue + text + Self.reset }
}
