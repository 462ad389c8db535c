/// What a word that is being typed may become.
public struct Completion: Equatable, Sendable {
    /// The part of the line before the cursor that is to be replaced.
    public var word: String
    /// What may stand in its place, whole.
    public var candidates: [String]
    /// What follows the word once there is only one candidate left.
    public var suffix: String

    /// Creates a completion.
    ///
    /// - Parameters:
    ///   - word: the end of the line before the cursor.
    ///   - candidates: what may stand in its place, in the order to list them.
    ///   - suffix: what follows a candidate that is the only one, unless it ends in a slash.
    public init(word: String, candidates: [String], suffix: String = " ") {
        self.word = word
        self.candidates = candidates
        self.suffix = suffix
    }

    /// The longest text that all candidates begin with.
    var common: [Unicode.Scalar] {
        guard let first = candidates.first.map({ Array($0.unicodeScalars) }) else { return [] }
        return candidates.dropFirst().reduce(first) { common, candidate in
            Array(zip(common, candidate.unicodeScalars).prefix { $0 == $1 }.map(\.0))
        }
    }
}

extension Editor {
    /// How many candidates are listed at most.
    private static let listed = 100

    /// Completes the word before the cursor as far as it is certain; lists what it may become when there is more.
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

    /// The words of earlier lines that begin like the one before the cursor, the latest first.
    private func wordsOfHistory(_ before: [Unicode.Scalar]) -> Completion {
        let word = Array(before.reversed().prefix(while: History.isInWord).reversed())
        guard !word.isEmpty else { return Completion(word: "", candidates: []) }
        let candidates = history.words(beginningWith: word).map { String($0) }
        return Completion(word: String(word), candidates: candidates, suffix: "")
    }
}
