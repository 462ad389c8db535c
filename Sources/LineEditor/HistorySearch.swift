/// An incremental search of the history.
struct HistorySearch {
    private var pattern: [Unicode.Scalar] = []
    private var step = -1
    private var match: (entry: Int, offset: Int)?
    private var hasFailed = false
    private let before: Line

    /// Creates a search; `before` is the line to return to when it is canceled.
    init(before: Line, backwards: Bool) {
        self.before = before
        step = backwards ? -1 : 1
    }

    mutating func type(_ scalar: Unicode.Scalar, in history: History) {
        pattern.append(scalar)
        find(from: match?.entry ?? start(in: history), in: history)
    }

    mutating func deleteLast(in history: History) {
        guard !pattern.isEmpty else { return }
        pattern.removeLast()
        match = nil
        hasFailed = false
        if !pattern.isEmpty { find(from: start(in: history), in: history) }
    }

    /// Continues to the next match after another search key, in the direction of that key.
    mutating func continueSearch(backwards: Bool, in history: History) {
        step = backwards ? -1 : 1
        guard !pattern.isEmpty else { return }
        find(from: match.map { $0.entry + step } ?? start(in: history), in: history)
    }

    private func start(in history: History) -> Int { step < 0 ? history.count - 1 : 0 }

    private mutating func find(from start: Int, in history: History) {
        let found = history.find(pattern, from: start, step: step)
        hasFailed = found == nil
        match = found ?? match
    }

    /// The entry of the current match, if any.
    var entry: Int? { match?.entry }

    /// Returns the line that was found.
    func line(in history: History) -> Line {
        guard let match else { return before }
        return Line(prompt: before.prompt, text: history[match.entry], cursor: match.offset)
    }

    /// Returns the line to show during the search.
    func display(in history: History) -> Line {
        var line = line(in: history)
        var typed = String.UnicodeScalarView()
        typed.append(contentsOf: pattern)
        line.prompt = "(\(hasFailed ? "failed " : "")\(step < 0 ? "reverse-i-search" : "i-search"))`\(String(typed))': "
        return line
    }
}
