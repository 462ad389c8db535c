/// The colors, as SGR sequences: from the sixteen that every theme makes readable, on light and on dark.
package enum Color: String {
    case dim = "\u{1B}[2m"
    case bold = "\u{1B}[1m"
    case red = "\u{1B}[31m"
    case green = "\u{1B}[32m"
    case yellow = "\u{1B}[33m"
    case blue = "\u{1B}[34m"
    case magenta = "\u{1B}[35m"
    case cyan = "\u{1B}[36m"

    package static let reset = "\u{1B}[m"
}
