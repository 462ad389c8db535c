import MessageText

/// A line of a script, which the parser consumes from the left and which locates errors.
package struct ScriptLine: Sendable {
    /// The maximum length of the description of a problem, in Unicode scalars.
    private static let messageLimit = 1000

    package let path: String
    /// The line number, counted from 1.
    package let number: Int
    /// The whole line as written.
    package let source: String
    /// The line without its comment and surrounding spaces.
    package let code: Substring
    /// The part of `code` that has not been parsed yet.
    private(set) var rest: Substring

    package init(_ source: String, number: Int, path: String) {
        self.path = path
        self.number = number
        self.source = source
        code = Self.withoutComment(source).trimmingSpaces
        rest = code
    }

    /// Whether the line is blank or a comment.
    package var isEmpty: Bool { code.isEmpty || code.first == "#" }

    /// The column of the unparsed part, counted from 1.
    package var column: Int { column(of: rest.startIndex) }

    /// The column of a place, counted from 1.
    func column(of place: String.Index) -> Int { source.distance(from: source.startIndex, to: place) + 1 }

    /// Consumes a text and the spaces after it. Returns false if the unparsed part does not start with it.
    package mutating func takes(_ text: String, andSpaces: Bool = true) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        if andSpaces { skipSpaces() }
        return true
    }

    package mutating func skipSpaces() {
        rest = rest.drop(while: Self.isSpace)
    }

    /// Consumes and returns characters, but not the spaces after them.
    package mutating func take(while matches: (Character) -> Bool) -> Substring {
        let taken = rest.prefix(while: matches)
        rest = rest[taken.endIndex...]
        return taken
    }

    /// Consumes and returns a word, and consumes the spaces after it.
    package mutating func takeWord() -> Substring {
        let word = take { !Self.isSpace($0) }
        skipSpaces()
        return word
    }

    /// Splits off the part before a place, and skips the spaces after it.
    mutating func takePart(to end: String.Index) -> ScriptLine {
        var part = self
        part.rest = rest[..<end].trimmingSpaces
        rest = rest[end...]
        skipSpaces()
        return part
    }

    package func problem(at column: Int, _ message: String) -> ScriptProblem {
        let looksCommented = code.contains(" # ") && source.dropFirst(column - 1).contains(" # ")
        let hint = looksCommented ? "; a comment requires two spaces before #" : ""
        // The message may repeat a part of the line, which has any length.
        let message = Excerpt.start(of: message, Self.messageLimit) + hint
        return ScriptProblem(path: path, line: number, column: column, message: message, source: source)
    }

    package static func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }

    /// Returns the line without its comment.
    ///
    /// A comment starts with `#` after two spaces or a tab, outside of quotes, and is followed by a space or the end of
    /// the line. So `> # Title` and `> a #b` are messages.
    private static func withoutComment(_ line: String) -> Substring {
        var quotes = 0
        /// Possible starts of a comment, with the number of quotes before each.
        var comments: [(index: String.Index, quotes: Int)] = []
        var isEscaped = false
        for index in line.indices {
            let character = line[index]
            if character == "\"", !isEscaped { quotes += 1 }
            isEscaped = character == "\\" && !isEscaped
            if character == "#", isComment(line, index) { comments.append((index, quotes)) }
        }
        // An unpaired quote, such as an inch mark, does not start a quotation.
        let comment = comments.first { $0.quotes.isMultiple(of: 2) || $0.quotes == quotes }
        return line[..<(comment?.index ?? line.endIndex)]
    }

    private static func isComment(_ line: String, _ index: String.Index) -> Bool {
        let before = line[..<index]
        guard before.hasSuffix("  ") || before.hasSuffix("\t") else { return false }
        return line[line.index(after: index)...].first.map(isSpace) ?? true
    }
}
