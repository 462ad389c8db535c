import MessageText

/// The values of secret variables, which reports must not show. Variables are secret by name.
struct Secrets: Sendable {
    /// Every spelling of a value that may occur in a report, and its replacement. Longer ones come first, since they
    /// may contain others.
    private let forms: [(text: String, shown: String)]

    /// The length in characters from which the part of a truncated value is hidden.
    private static let leastPart = 4

    /// The minimum length of hidden values, in characters: shorter ones are easy to guess and occur in many words.
    private static let leastLength = 3

    /// Collects the secrets among variables.
    ///
    /// - Parameters:
    ///   - names: the names of the variables.
    ///   - concealed: more variables, whatever their names.
    ///   - functions: functions of templates that contain secrets, and their values.
    ///   - value: returns the value of a variable.
    init(
        among names: Set<String>,
        concealed: Set<String> = [],
        functions: [(source: String, value: String)] = [],
        value: (String) -> String?
    ) {
        let variables = names.filter(Redaction.isSecret).union(concealed).map { (source: $0, value: value($0) ?? "") }
        forms = (variables + functions).flatMap { source, value in
            Self.forms(of: value).map { (text: $0, shown: "${\(source)}") }
        }.sorted { ($0.text.count, $0.text) > ($1.text.count, $1.text) }
    }

    /// Returns the text with secret values replaced by the names of their variables.
    func hide(_ text: String) -> String {
        guard !forms.isEmpty else { return text }
        let whole = forms.reduce(text) { text, form in text.replacing(form.text, with: form.shown) }
        return hidingParts(of: whole)
    }

    /// Returns the message for an invalid value. If the value contains secrets, parts of which might be quoted, a
    /// message without details.
    static func words(_ message: String, about templates: [Template]) -> String {
        let names = templates.flatMap(\.variables).filter(Redaction.isSecret)
        guard !names.isEmpty else { return message }
        return "this does not fit with the value of \(Set(names).sorted().joined(separator: ", ")), which is not shown"
    }

    /// Returns the spellings of a value: as it is, line by line, and as in JSON, regular expressions, hex dumps and
    /// quotes.
    private static func forms(of value: String) -> Set<String> {
        var digits: [UInt8] = []
        HexDump.appendDigits(value.utf8, to: &digits)
        let lines = value.split(whereSeparator: \.isNewline).map(String.init).filter { $0.count >= leastPart }
        let quoted = (lines + [value]).map { String(VisibleText.quoted($0).dropFirst().dropLast()) }
        return Set(lines + quoted).union([
            value, String(JSONValue.string(value).description.dropFirst().dropLast()), RegularExpression.literal(value),
            String(decoding: digits, as: UTF8.self), value.filter { $0 != " " }.lowercased(),
        ]).filter { $0.count >= leastLength }
    }

    /// Hides the parts of values next to a `…`, where the text was truncated.
    private func hidingParts(of text: String) -> String {
        guard text.contains("…") else { return text }
        var parts = text.split(separator: "…", omittingEmptySubsequences: false).map(String.init)
        for index in parts.indices {
            if index < parts.count - 1, let (form, count) = longest({ parts[index].hasSuffix($0.prefix($1)) }) {
                parts[index] = parts[index].dropLast(count) + form.shown
            }
            if index > 0, let (form, count) = longest({ parts[index].hasPrefix($0.suffix($1)) }) {
                parts[index] = form.shown + parts[index].dropFirst(count)
            }
        }
        return parts.joined(separator: "…")
    }

    /// Returns the longest part of a value for which a condition holds, and its length.
    private func longest(_ holds: (String, Int) -> Bool) -> (form: (text: String, shown: String), count: Int)? {
        var longest: (form: (text: String, shown: String), count: Int)?
        for form in forms {
            let least = max(Self.leastPart, (longest?.count ?? 0) + 1)
            guard form.text.count > least else { continue }
            if let count = (least..<form.text.count).last(where: { holds(form.text, $0) }) { longest = (form, count) }
        }
        return longest
    }
}
