/// Makes untrusted text safe for a terminal: control, format and other invisible characters become escapes.
package enum VisibleText {
    /// Returns text for a single line, in which newlines and tabs are escaped as well.
    package static func line(_ text: String) -> String {
        var result: [UInt8] = []
        append(text.utf8, to: &result, newline: nil)
        return String(decoding: result, as: UTF8.self)
    }

    /// Returns text unchanged if it is unambiguous, otherwise in quotes: empty text, spaces at the ends, characters that
    /// need escapes, and text that already looks quoted.
    package static func distinct(_ text: String) -> String { isDistinct(text) ? text : quoted(text) }

    private static func isDistinct(_ text: some StringProtocol) -> Bool {
        guard let first = text.first, let last = text.last, !first.isWhitespace, !last.isWhitespace,
            !text.unicodeScalars.contains(where: isHidden)
        else { return false }
        guard text.count > 1, first == "\"", last == "\"" else { return true }
        let inner = text.dropFirst().dropLast()
        return !inner.contains("\\") && isDistinct(inner)
    }

    /// Returns text in quotes, with the escapes of a JSON string, so that it can be pasted into a script.
    package static func quoted(_ text: String) -> String {
        let characters = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\\", "\"": "\\\(scalar)"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            default: isHidden(scalar) ? jsonEscape(scalar) : String(scalar)
            }
        }
        return "\"\(characters.joined())\""
    }

    /// Whether a scalar is invisible or looks like a space.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        mustBeVisible(scalar) || scalar != " " && scalar.properties.generalCategory == .spaceSeparator
    }

    /// Appends UTF-8 with escapes.
    ///
    /// - Parameters:
    ///   - bytes: valid UTF-8.
    ///   - output: the output.
    ///   - newline: the replacement for a newline, such as a newline and an indent; nil escapes newlines and tabs.
    package static func append(_ bytes: some Collection<UInt8>, to output: inout [UInt8], newline: String?) {
        // Printable ASCII, by far the most common case, needs no decoding.
        if bytes.allSatisfy({ 0x20 <= $0 && $0 < 0x7F }) {
            output.append(contentsOf: bytes)
            return
        }
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n":
                text.append(contentsOf: (newline ?? "\\n").unicodeScalars)
            case "\t" where newline != nil:
                text.append(scalar)
            default:
                if mustBeVisible(scalar) {
                    text.append(contentsOf: escape(scalar).unicodeScalars)
                } else {
                    text.append(scalar)
                }
            }
        }
        output.append(contentsOf: String(text).utf8)
    }

    /// Whether a scalar could control the terminal, reorder the line or hide in it.
    package static func mustBeVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        // Joiners are part of emoji and of several scripts.
        case "\u{200C}", "\u{200D}": false
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }

    private static func jsonEscape(_ scalar: Unicode.Scalar) -> String {
        (UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter).map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\0": "\\0"
        case "\t": "\\t"
        case "\r": "\\r"
        case "\u{1B}": "\\e"
        default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
    }
}
