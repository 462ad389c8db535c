/// Makes untrusted text safe for a terminal by escaping control, format and other invisible characters.
package enum VisibleText {
    /// Returns the text for use on a single line, where newlines and tabs are escaped too.
    package static func line(_ text: String) -> String {
        var result: [UInt8] = []
        append(text.utf8, to: &result, newline: nil)
        return String(decoding: result, as: UTF8.self)
    }

    /// Returns unambiguous text unchanged, and other text in quotes.
    ///
    /// Ambiguous text is empty, starts or ends with a space, contains characters that need escapes, or looks quoted
    /// already.
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

    /// Appends UTF-8 text with escapes.
    ///
    /// - Parameters:
    ///   - bytes: valid UTF-8.
    ///   - output: the buffer to append to.
    ///   - newline: the replacement for a newline, such as a newline and an indent; nil escapes newlines and tabs.
    package static func append(_ bytes: some Collection<UInt8>, to output: inout [UInt8], newline: String?) {
        // Fast path: printable ASCII, by far the most common case, needs no decoding.
        if bytes.allSatisfy({ 0x20 <= $0 && $0 < 0x7F }) {
            output.append(contentsOf: bytes)
            return
        }
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n": output.append(contentsOf: (newline ?? "\\n").utf8)
            case "\t" where newline != nil: output.append(UInt8(ascii: "\t"))
            case _ where mustBeVisible(scalar): output.append(contentsOf: escape(scalar).utf8)
            default: output.append(contentsOf: scalar.utf8)
            }
        }
    }

    /// Whether a scalar must be escaped because it could control the terminal, reorder the line or be invisible.
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
