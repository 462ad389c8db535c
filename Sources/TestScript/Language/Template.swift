package import MessageText

/// A text with variables, written `${NAME}`; `$${` stands for a literal `${`.
package struct Template: Equatable, Sendable {
    private enum Part: Equatable, Sendable {
        case text(String)
        case variable(String)
        case function(TemplateFunction)

        static func == (left: Part, right: Part) -> Bool {
            switch (left, right) {
            // Compare bytes: String treats different Unicode compositions as equal, but they are different messages.
            case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
            case (.variable(let left), .variable(let right)): left == right
            case (.function(let left), .function(let right)): left == right
            default: false
            }
        }
    }

    /// The error for a `${` that is not followed by a name and a brace, with its offset in characters.
    package struct Invalid: Error, Equatable {
        let offset: Int
        /// The name of an invalid function.
        var function: String?
    }

    /// The maximum size in bytes of a text with its variables replaced: a script could double values with each step.
    package static let sizeLimit = 64 << 20

    private let parts: [Part]

    /// Creates a template that is a variable.
    init(variable name: String) {
        parts = [.variable(name)]
    }

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
                let offset = String(scalars[..<dollar]).count
                let part: Part
                if end.first == "(", let close = Self.endOfArgument(end.dropFirst()) {
                    let argument = String(end[..<close].dropFirst())
                    guard let function = TemplateFunction(String(name), argument) else {
                        throw Invalid(offset: offset, function: String(name))
                    }
                    part = .function(function)
                    rest = end[close...].dropFirst(2)
                } else {
                    guard end.first == "}", Self.isName(String(name)) else { throw Invalid(offset: offset) }
                    part = .variable(String(name))
                    rest = end.dropFirst()
                }
                if !plain.isEmpty { parts.append(.text(String(plain))) }
                parts.append(part)
                plain = Substring.UnicodeScalarView()
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
            case .function(let function): "${\(function.source)}"
            }
        }.joined()
    }

    /// The maximum length of an argument of a function, in code points.
    private static let argumentLimit = 4096

    /// Returns the place of the `)}` that ends an argument, which can contain variables; nil if there is none.
    private static func endOfArgument(_ text: Substring.UnicodeScalarView) -> String.Index? {
        var depth = 0
        for index in text.prefix(argumentLimit).indices {
            let rest = text[index...]
            if rest.starts(with: "${".unicodeScalars) { depth += 1 }
            if depth == 0, rest.starts(with: ")}".unicodeScalars) { return index }
            if text[index] == "}" { depth -= 1 }
            if depth < 0 { return nil }
        }
        return nil
    }

    /// Whether the text is empty.
    package var isEmpty: Bool { parts.isEmpty }

    /// Whether there are no variables and no functions in it.
    var isConstant: Bool {
        parts.allSatisfy { if case .text = $0 { true } else { false } }
    }

    /// The names of the variables in it.
    package var variables: [String] {
        parts.flatMap { part in
            switch part {
            case .text: [String]()
            case .variable(let name): [name]
            case .function(let function): function.argument?.variables ?? []
            }
        }
    }

    /// The functions in it.
    var functions: [TemplateFunction] {
        parts.compactMap { if case .function(let function) = $0 { function } else { nil } }
    }

    /// Replaces variables and functions by values; `${counter()}` is always 1.
    ///
    /// - Parameter value: returns the value of a variable; nil for an unknown one, which is replaced by nothing.
    /// - Returns: the text.
    /// - Throws: `InvalidValue` if the text would be longer than `sizeLimit`, or a function has no value.
    package func expanded(_ value: (String) -> String?) throws(InvalidValue) -> String {
        try expanded(value) { function throws(InvalidValue) in try function.value(value) { 1 } }
    }

    /// Replaces variables and functions by values.
    ///
    /// - Parameters:
    ///   - value: returns the value of a variable; nil for an unknown one, which is replaced by nothing.
    ///   - call: returns the value of a function.
    /// - Returns: the text.
    /// - Throws: `InvalidValue` if the text would be longer than `sizeLimit`, and the errors of `call`.
    func expanded(
        _ value: (String) -> String?,
        call: (TemplateFunction) throws(InvalidValue) -> String
    ) throws(InvalidValue) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .variable(let name): result += value(name) ?? ""
            case .function(let function): result += try call(function)
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
