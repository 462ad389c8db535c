/// The lines that were entered, oldest first.
///
/// Not libedit's history, which copies only the first 1,024 characters of the half-typed line when it goes back, and
/// its incremental search takes characters beyond Latin 1 for control characters.
struct History {
    private let limit: Int
    private var entries: [[Unicode.Scalar]] = []
    /// Where the user is; the number of entries when at the line being typed.
    private var position = 0
    private var typed: [Unicode.Scalar] = []

    init(limit: Int) {
        self.limit = max(limit, 0)
    }

    /// Adds a line, unless it is empty, begins with a space or is the same as the last one, and goes to the end.
    mutating func add(_ line: [Unicode.Scalar]) {
        if !line.isEmpty && line.first != " " && entries.last != line { entries.append(line) }
        if entries.count > limit { entries.removeFirst(entries.count - limit) }
        reset()
    }

    /// Goes to the end, where the line being typed is.
    mutating func reset() {
        position = entries.count
        typed = []
    }

    /// Whether this line is an earlier one that was recalled and not changed.
    func isRecalled(_ line: [Unicode.Scalar]) -> Bool { position < entries.count && entries[position] == line }

    /// Returns the line before (`-1`) or after (`1`) the present one, or nil when there is none.
    mutating func move(by step: Int, from line: [Unicode.Scalar]) -> [Unicode.Scalar]? {
        guard (0...entries.count).contains(position + step) else { return nil }
        if position == entries.count { typed = line }
        position += step
        return position == entries.count ? typed : entries[position]
    }

    /// Like `move`, but only to lines that begin with `prefix`.
    mutating func move(by step: Int, toPrefix prefix: some Collection<Unicode.Scalar>, from line: [Unicode.Scalar])
        -> [Unicode.Scalar]?
    {
        var candidate = position + step
        while entries.indices.contains(candidate) {
            if entries[candidate].starts(with: prefix) && entries[candidate] != line {
                if position == entries.count { typed = line }
                position = candidate
                return entries[candidate]
            }
            candidate += step
        }
        return nil
    }

    /// Finds the nearest entry that contains `pattern`, from entry `start` on, backwards (`-1`) or forwards (`1`).
    func find(_ pattern: [Unicode.Scalar], from start: Int, step: Int) -> (entry: Int, offset: Int)? {
        var entry = start
        while entries.indices.contains(entry) {
            if let offset = entries[entry].firstOffset(of: pattern) { return (entry, offset) }
            entry += step
        }
        return nil
    }

    /// Returns the words of the latest lines that begin with `prefix` and are longer, the latest first.
    func words(beginningWith prefix: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
        var words: [[Unicode.Scalar]] = []
        for entry in entries.suffix(1000).reversed() {
            for word in entry.split(whereSeparator: { !Self.isInWord($0) }) {
                guard word.count > prefix.count, word.starts(with: prefix) else { continue }
                if !words.contains(Array(word)) { words.append(Array(word)) }
            }
        }
        return words
    }

    /// Whether a word may have this scalar in it.
    static func isInWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "_-.".unicodeScalars.contains(scalar)
    }

    var count: Int { entries.count }

    /// Goes to an entry found before.
    mutating func go(to entry: Int, from line: [Unicode.Scalar]) {
        if position == entries.count { typed = line }
        position = entry
    }

    subscript(entry: Int) -> [Unicode.Scalar] { entries[entry] }
}

extension [Unicode.Scalar] {
    fileprivate func firstOffset(of pattern: [Unicode.Scalar]) -> Int? {
        guard pattern.count <= count else { return nil }
        return (0...(count - pattern.count)).first { self[$0..<($0 + pattern.count)].elementsEqual(pattern) }
    }
}
