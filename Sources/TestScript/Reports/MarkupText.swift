import MessageText

/// Escaping of text for XML and HTML.
enum MarkupText {
    /// Returns text escaped for use as content or in a quoted attribute. Invalid and invisible characters are shown
    /// as visible escape sequences.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - newline: the replacement for a newline.
    /// - Returns: the escaped text.
    static func escaped(_ text: String, newline: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += newline
            // XML cannot contain most control characters, and terminals must not receive any.
            case _ where VisibleText.mustBeVisible(scalar): result += VisibleText.line(String(scalar))
            case "\u{FFFE}", "\u{FFFF}": result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
