package import MessageText

/// A text with variables, written `${NAME}`; `$${` stands for a literal `${`.
package struct Template: Equatable, Sendable {
    private enum Part: Equatable, Sendable {
        case text(String)
        case variable(String)

        static func == (left: Part, right: Part) -> Bool {
            switch (left, right) {
            // Compare bytes: String treats different Unicode compositions as equal, but they are different messages.
            case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
            case (.variable(let left), .variable(let right)): left == right
            default: false
            }
        }
    }

    /// The error for a `${` that is not followed by a name and a brace, with its offset in characters.
    package struct Invalid: Error, Equatable {
        let offset: Int
    }

    /// The maximum size in bytes of a text with its variables replaced: a script could double values with each step.
    package static let sizeLimit = 64 << 20

    private let parts: [Part]

    /// Creates text without variables.
    package init(literal text: String) {
        parts = text.isEmpty ? [] : [.text(text)]
    }

    /// Parses a text with variables.
    ///
    /// - Throws: `Invalid` for a malformed variable.
    package init(_ text: some StringProtocol) throws(Invalid) {
        // Work on scalars: a combining mark after a brace would make it a different character.
        let scalars = Substring(text).unicodeScalars
        var parts: [Part] = []
        var plain = Substring.UnicodeScalarView()
        var rest = scalars
        while let dollar = rest.firstIndex(of: "$") {
            plain += rest[..<dollar]
            let tail = rest[dollar...]
            if tail.starts(with: "$${".unicodeScalars) {
                plain += "${".unicodeScalars
                rest = tail.dropFirst(3)
            } else if tail.starts(with: "${".unicodeScalars) {
                let name = tail.dropFirst(2).prefix(while: Self.isNameScalar)
                let end = tail[name.endIndex...]
                guard end.first == "}", Self.isName(String(name)) else {
                    throw Invalid(offset: String(scalars[..<dollar]).count)
                }
                if !plain.isEmpty { parts.append(.text(String(plain))) }
                parts.append(.variable(String(name)))
                plain = Substring.UnicodeScalarView()
                rest = end.dropFirst()
            } else {
                plain.append("$")
                rest = tail.dropFirst()
            }
        }
        plain += rest
        if !plain.isEmpty { parts.append(.text(String(plain))) }
        self.parts = parts
    }

    /// The text as written in a script. Cannot represent a `$` directly before a variable.
    package var source: String {
        parts.map { part in
            switch part {
            case .text(let text):
                text.utf8.split(separator: "${".utf8, omittingEmptySubsequences: false).map { String(Substring($0)) }
                    .joined(separator: "$${")
            case .variable(let name): "${\(name)}"
            }
        }.joined()
    }

    /// Whether the text is empty.
    package var isEmpty: Bool { parts.isEmpty }

    /// The names of the variables, in order.
    package var variables: [String] {
        parts.compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }

    /// Returns the text with its variables replaced by their values.
    ///
    /// - Parameter value: returns the value of a variable; nil if it has none, in which case it is replaced by nothing.
    /// - Returns: the text.
    /// - Throws: `InvalidValue` if the text exceeds `sizeLimit`.
    package func expanded(_ value: (String) -> String?) throws(InvalidValue) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .variable(let name): result += value(name) ?? ""
            }
            guard result.utf8.count <= Self.sizeLimit else {
                throw InvalidValue(
                    "the text is longer than \(Self.sizeLimit >> 20) MiB with the values of its variables"
                )
            }
        }
        return result
    }

    /// Whether a word is a valid variable name.
    package static func isName(_ word: some StringProtocol) -> Bool {
        guard let first = word.unicodeScalars.first else { return false }
        return !("0"..."9").contains(first) && word.unicodeScalars.allSatisfy(isNameScalar)
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: false
        }
    }
}
