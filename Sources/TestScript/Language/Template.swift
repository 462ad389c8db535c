/// Text of a script in which variables stand: `${NAME}`; `$${` is a plain `${`.
package struct Template: Equatable, Sendable {
    private enum Part: Equatable, Sendable {
        case text(String)
        case variable(String)
    }

    /// A `${` behind which no name and brace come, and how many characters stand before it.
    package struct Invalid: Error, Equatable {
        package let offset: Int
    }

    private let parts: [Part]

    /// Reads text.
    ///
    /// - Throws: `Invalid`.
    package init(_ text: some StringProtocol) throws(Invalid) {
        var parts: [Part] = []
        var plain = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            plain += rest[..<dollar]
            let tail = rest[dollar...]
            if tail.hasPrefix("$${") {
                plain += "${"
                rest = tail.dropFirst(3)
            } else if tail.hasPrefix("${") {
                let name = tail.dropFirst(2).prefix(while: Self.isNameCharacter)
                let end = tail[name.endIndex...]
                guard end.first == "}", Self.isName(name) else {
                    throw Invalid(offset: text.distance(from: text.startIndex, to: dollar))
                }
                if !plain.isEmpty { parts.append(.text(plain)) }
                parts.append(.variable(String(name)))
                plain = ""
                rest = end.dropFirst()
            } else {
                plain += "$"
                rest = tail.dropFirst()
            }
        }
        plain += rest
        if !plain.isEmpty { parts.append(.text(plain)) }
        self.parts = parts
    }

    /// The names of the variables in it.
    package var variables: [String] {
        parts.compactMap { if case .variable(let name) = $0 { name } else { nil } }
    }

    /// Puts values in the places of the variables.
    ///
    /// - Parameter value: returns the value of a variable; nothing stands for one that has none.
    /// - Returns: the text.
    package func expanded(_ value: (String) -> String?) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .variable(let name): value(name) ?? ""
            }
        }.joined()
    }

    /// Whether a word can be the name of a variable, or of a connection.
    package static func isName(_ word: some StringProtocol) -> Bool {
        guard let first = word.first else { return false }
        return !first.isNumber && word.allSatisfy(isNameCharacter)
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_")
    }
}
