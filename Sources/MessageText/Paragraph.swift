/// Wraps long lines between words.
package enum Paragraph {
    /// Wraps a line for a terminal.
    ///
    /// - Parameters:
    ///   - line: the line. Two or more consecutive spaces start a column, to which all rows after the first are
    ///     indented.
    ///   - columns: the width of the terminal.
    /// - Returns: the rows. A word that is longer than a row is left for the terminal to wrap, so that it can be
    ///   copied, unless that would split an escape such as `\u{1B}`.
    package static func rows(of line: String, columns: Int) -> [String] {
        guard line.count > columns else { return [line] }
        let indent = self.indent(of: line, columns: columns)
        var rows: [String] = []
        var row: String?
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            guard let before = row else {
                row = split(word, after: "", columns: columns, into: &rows)
                continue
            }
            if before.count + 1 + word.count <= columns || before.allSatisfy({ $0 == " " }) {
                row = before + " " + word
            } else {
                rows.append(before)
                row = split(word, after: indent, columns: columns, into: &rows)
            }
        }
        return rows + [row ?? ""]
    }

    /// Appends a word at the start of a row, as several rows if the terminal would split an escape in it, and returns
    /// the last row.
    private static func split(
        _ word: Substring,
        after indent: String,
        columns: Int,
        into rows: inout [String]
    ) -> String {
        var row = indent
        var rest = word
        while let character = rest.first {
            let escape = character != "\\" ? nil : rest.prefixMatch(of: /\\(u\{[0-9a-fA-F]+\}|.)/)?.output.0
            if let escape, row.count % columns + escape.count > columns {
                rows.append(row)
                row = indent
            }
            let piece = escape ?? rest.prefix(1)
            row += piece
            rest = rest[piece.endIndex...]
        }
        return row
    }

    private static func indent(of line: String, columns: Int) -> String {
        let gap = line.drop { $0 == " " }.firstRange(of: "  ")
        guard let gap, let column = line[gap.upperBound...].firstIndex(where: { $0 != " " }) else { return "" }
        let width = line.distance(from: line.startIndex, to: column)
        return String(repeating: " ", count: width <= columns / 2 ? width : 2)
    }
}
