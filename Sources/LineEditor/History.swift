/// The history of entered lines, oldest first.
///
/// libedit's own history copies only the first 1,024 characters of a half-typed line, and its incremental search treats
/// characters beyond Latin 1 as control characters.
struct History {
    private let limit: Int
    private var entries: [[Unicode.Scalar]] = []
    /// The index of the current entry; the number of entries for the line being typed.
    private var position = 0
    private var typed: [Unicode.Scalar] = []

    init(limit: Int) {
        self.limit = max(limit, 0)
    }

    /// Adds a line and moves to the end. Ignores a line that is empty, starts with a space or repeats the last one.
    mutating func add(_ line: [Unicode.Scalar]) {
        if !line.isEmpty && line.first != " " && entries.last != line { entries.append(line) }
        if entries.count > limit { entries.removeFirst(entries.count - limit) }
        reset()
    }

    /// Moves to the end, to the line being typed.
    mutating func reset() {
        position = entries.count
        typed = []
    }

    /// Whether `line` is the current entry, recalled and not modified.
    func isRecalled(_ line: [Unicode.Scalar]) -> Bool { position < entries.count && entries[position] == line }

    /// Moves to the previous (-1) or next (1) line and returns it; nil when there is none.
    mutating func move(by step: Int, from line: [Unicode.Scalar]) -> [Unicode.Scalar]? {
        guard (0...entries.count).contains(position + step) else { return nil }
        if position == entries.count { typed = line }
        position += step
        return position == entries.count ? typed : entries[position]
    }

    /// Like `move(by:from:)`, but skips lines that do not start with `prefix`.
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

    /// Returns the nearest entry that contains `pattern`, starting with entry `start` and searching backwards (-1) or
    /// forwards (1).
    func find(_ pattern: [Unicode.Scalar], from start: Int, step: Int) -> (entry: Int, offset: Int)? {
        var entry = start
        while entries.indices.contains(entry) {
            if let offset = entries[entry].firstOffset(of: pattern) { return (entry, offset) }
            entry += step
        }
        return nil
    }

    /// Returns the words of recent lines that start with `prefix` and are longer, latest first.
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

    /// Whether a scalar can be part of a word.
    static func isInWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "_-.".unicodeScalars.contains(scalar)
    }

    var count: Int { entries.count }

    /// Moves to an entry that was found.
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
