/// The possible completions of the word being typed.
package struct Completion: Equatable, Sendable {
    /// The part of the line before the cursor that the chosen candidate replaces.
    package var word: String
    /// The complete words that may replace it.
    package var candidates: [String]
    /// The text to insert after the candidate if there is only one.
    package var suffix: String

    /// Creates a completion.
    ///
    /// - Parameters:
    ///   - word: the part of the line before the cursor that the chosen candidate replaces.
    ///   - candidates: the complete words that may replace it, in display order.
    ///   - suffix: the text to insert after the candidate if there is only one and it does not end in a slash.
    package init(word: String, candidates: [String], suffix: String = " ") {
        self.word = word
        self.candidates = candidates
        self.suffix = suffix
    }

    /// The longest common prefix of all candidates.
    var common: [Unicode.Scalar] {
        guard let first = candidates.first.map({ Array($0.unicodeScalars) }) else { return [] }
        return candidates.dropFirst().reduce(first) { common, candidate in
            Array(zip(common, candidate.unicodeScalars).prefix { $0 == $1 }.map(\.0))
        }
    }
}

extension Editor {
    /// The maximum number of candidates to list.
    private static let listed = 100

    /// Inserts the common prefix of all candidates, or lists the candidates when it adds nothing.
    func complete() {
        let before = Array(libedit.text[..<libedit.cursor])
        let completion = completer?(String(before)) ?? wordsOfHistory(before)
        guard !completion.candidates.isEmpty else { return }
        let typed = Array(completion.word.unicodeScalars)
        var replacement = completion.common
        if completion.candidates.count == 1, replacement.last != "/" {
            replacement += completion.suffix.unicodeScalars
        }
        if replacement.count > typed.count || completion.candidates.count == 1 {
            libedit.deleteBeforeCursor(typed.count)
            libedit.insert(replacement)
        } else {
            list(completion.candidates)
        }
    }

    private func list(_ candidates: [String]) {
        let shown = candidates.prefix(Self.listed)
        let width = 2 + (shown.map { $0.unicodeScalars.count }.max() ?? 0)
        let columns = max(1, screen.columns / width)
        var text = ""
        for (index, candidate) in shown.enumerated() {
            text += candidate
            let endsRow = index % columns == columns - 1 || index == shown.count - 1
            text += endsRow ? "\n" : String(repeating: " ", count: width - candidate.unicodeScalars.count)
        }
        if candidates.count > shown.count { text += "… and \(candidates.count - shown.count) more\n" }
        screen.print(Array(text.utf8), above: line)
    }

    /// Returns the words of earlier lines that start with the word before the cursor, latest first.
    private func wordsOfHistory(_ before: [Unicode.Scalar]) -> Completion {
        let word = Array(before.reversed().prefix(while: History.isInWord).reversed())
        guard !word.isEmpty else { return Completion(word: "", candidates: []) }
        let candidates = history.words(beginningWith: word).map { String($0) }
        return Completion(word: String(word), candidates: candidates, suffix: "")
    }
}
