import MessageText

/// The values of variables that no report may show, because of their names.
struct Secrets: Sendable {
    /// Every form that a value may have in a report, and what stands there for it; the longest first, which may have
    /// another in it.
    private let forms: [(text: String, shown: String)]

    /// How much of a value that is cut off is still worth hiding.
    private static let leastPart = 4

    /// The shortest value, in characters, that is hidden: anyone can guess a shorter one, and it occurs in most words.
    private static let leastLength = 3

    /// Creates the secrets among variables.
    ///
    /// - Parameters:
    ///   - names: the variables.
    ///   - value: returns the value of a variable.
    init(among names: Set<String>, _ value: (String) -> String?) {
        forms = names.filter(Redaction.isSecret).flatMap { name in
            Self.forms(of: value(name) ?? "").map { (text: $0, shown: "${\(name)}") }
        }.sorted { ($0.text.count, $0.text) > ($1.text.count, $1.text) }
    }

    /// Shows the values by the names of their variables.
    func hide(_ text: String) -> String {
        guard !forms.isEmpty else { return text }
        let whole = forms.reduce(text) { text, form in text.replacing(form.text, with: form.shown) }
        return hidingParts(of: whole)
    }

    /// What may be told about a value that is not what it should be: nothing when it is made of secrets, which could be in
    /// what is told in parts.
    static func words(_ message: String, about templates: [Template]) -> String {
        let names = templates.flatMap(\.variables).filter(Redaction.isSecret)
        guard !names.isEmpty else { return message }
        return "invalid with the value of \(Set(names).sorted().joined(separator: ", ")), which is hidden"
    }

    /// As it is, its lines, and as JSON, regular expressions, binary messages and quotes have it.
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

    /// Hides what a cut, shown as `…`, has left of a value.
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

    /// The longest part of a value for which something holds, and its length.
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
