/// A long line, wrapped between words.
package enum Paragraph {
    /// Wraps a line for a terminal.
    ///
    /// - Parameters:
    ///   - line: the line. Two spaces or more start a column; the rows after the first are indented to that column.
    ///   - columns: the width of the terminal.
    /// - Returns: the rows. A word that is longer than a row is not split.
    package static func rows(of line: String, columns: Int) -> [String] {
        guard line.count > columns else { return [line] }
        let indent = self.indent(of: line, columns: columns)
        var rows: [String] = []
        var row: String?
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            guard let before = row else {
                row = String(word)
                continue
            }
            if before.count + 1 + word.count <= columns || before.allSatisfy({ $0 == " " }) {
                row = before + " " + word
            } else {
                rows.append(before)
                row = indent + word
            }
        }
        return rows + [row ?? ""]
    }

    private static func indent(of line: String, columns: Int) -> String {
        let gap = line.drop { $0 == " " }.firstRange(of: "  ")
        guard let gap, let column = line[gap.upperBound...].firstIndex(where: { $0 != " " }) else { return "" }
        let width = line.distance(from: line.startIndex, to: column)
        return String(repeating: " ", count: width <= columns / 2 ? width : 2)
    }
}
