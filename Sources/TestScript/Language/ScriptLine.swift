import MessageText

/// A line of a script, for reading it piece by piece and for telling what is wrong with it.
package struct ScriptLine: Sendable {
    package let path: String
    /// Counted from 1.
    package let number: Int
    /// As it stands in the file.
    package let source: String
    /// The line without its comment and without the spaces at both ends.
    package let code: Substring
    /// What of that has not been read yet.
    private(set) var rest: Substring

    package init(_ source: String, number: Int, path: String) {
        self.path = path
        self.number = number
        self.source = source
        code = Self.withoutComment(source).trimmingSpaces
        rest = code
    }

    /// Whether there is nothing on it.
    package var isEmpty: Bool { code.isEmpty || code.first == "#" }

    /// The column of what has not been read yet, counted from 1.
    package var column: Int { source.distance(from: source.startIndex, to: rest.startIndex) + 1 }

    /// Goes past a text if it comes next, and the spaces behind it.
    package mutating func takes(_ text: String, andSpaces: Bool = true) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        if andSpaces { skipSpaces() }
        return true
    }

    package mutating func skipSpaces() {
        rest = rest.drop(while: Self.isSpace)
    }

    /// Goes past characters, but not past the spaces behind them.
    package mutating func take(while matches: (Character) -> Bool) -> Substring {
        let taken = rest.prefix(while: matches)
        rest = rest[taken.endIndex...]
        return taken
    }

    /// Goes past a word and the spaces behind it.
    package mutating func takeWord() -> Substring {
        let word = take { !Self.isSpace($0) }
        skipSpaces()
        return word
    }

    package func problem(at column: Int, _ message: String) -> ScriptProblem {
        let looksCommented = code.contains(" # ") && source.dropFirst(column - 1).contains(" # ")
        let message = looksCommented ? message + "; a comment requires two spaces before #" : message
        return ScriptProblem(path: path, line: number, column: column, message: message, source: source)
    }

    package static func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }

    /// A comment begins with `#` behind two spaces or a tab, and with a space behind it unless it ends the line; not within
    /// quotes. So `> # Title` and `> a #b` are messages.
    private static func withoutComment(_ line: String) -> Substring {
        var quotes = 0
        /// Where a comment may begin, and how many quotes stand before it.
        var comments: [(index: String.Index, quotes: Int)] = []
        var isEscaped = false
        for index in line.indices {
            let character = line[index]
            if character == "\"", !isEscaped { quotes += 1 }
            isEscaped = character == "\\" && !isEscaped
            if character == "#", isComment(line, index) { comments.append((index, quotes)) }
        }
        // A quote that is never closed, such as an inch mark, holds nothing.
        let comment = comments.first { $0.quotes.isMultiple(of: 2) || $0.quotes == quotes }
        return line[..<(comment?.index ?? line.endIndex)]
    }

    private static func isComment(_ line: String, _ index: String.Index) -> Bool {
        let before = line[..<index]
        guard before.hasSuffix("  ") || before.hasSuffix("\t") else { return false }
        return line[line.index(after: index)...].first.map(isSpace) ?? true
    }
}
