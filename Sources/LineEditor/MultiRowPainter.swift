/// A painter that draws a line on as many rows as needed and redraws only the rows that change.
///
/// If the line is taller than the screen, only the rows around the cursor are visible.
struct MultiRowPainter: LinePainter {
    /// The current contents of the screen.
    private struct Painted {
        var prompt: String
        var cells: Cells
        /// The rows of the line that are on the screen.
        var rows: ArraySlice<LineLayout.Row>
        /// See `LineLayout.ended`.
        var ended: [Int]
        var endsInEmptyRow: Bool
        /// The index of the cell under the cursor.
        var cursor: Int
        /// The cursor's row, relative to the first visible row.
        var cursorRow: Int
        var size: ScreenSize

        var shownCells: ArraySlice<Cell> {
            guard let first = rows.first, let last = rows.last else { return [] }
            return cells.cells[first.cells.lowerBound..<last.cells.upperBound]
        }
    }

    /// Whether the terminal rewraps its lines when its width changes.
    private let reflows: Bool
    private var painted: Painted?
    /// The index of the first visible row of a line taller than the screen.
    private var top = 0

    init(reflows: Bool) {
        self.reflows = reflows
    }

    var endsInEmptyRow: Bool { painted?.endsInEmptyRow ?? false }

    mutating func paint(_ line: Line, in size: ScreenSize, isWhole: Bool) -> [UInt8] {
        let cells = Cells(prompt: line.prompt, text: line.text)
        let layout = LineLayout(cells.cells[...], columns: size.columns)
        let cursor = cells.index(ofScalar: line.cursor, in: line.text.count)
        let cursorRow = layout.row(ofCell: cursor)
        let shown = isWhole ? layout.rows.indices : window(of: layout.rows.count, around: cursorRow, height: size.rows)
        let next = Painted(
            prompt: line.prompt,
            cells: cells,
            rows: layout.rows[shown],
            ended: layout.ended(in: cells.cells[...]),
            endsInEmptyRow: layout.endsInEmptyRow,
            cursor: cursor,
            cursorRow: cursorRow - shown.lowerBound,
            size: size
        )
        let column = min(layout.column(ofCell: cursor, in: cells.cells[...]), size.columns - 1)
        defer { painted = next }
        guard let painted, painted.size == size else {
            return erase(in: size) + Self.change(nil, to: next, column: column)
        }
        return Self.change(painted, to: next, column: column)
    }

    mutating func erase(in size: ScreenSize) -> [UInt8] {
        defer { painted = nil }
        let row = painted.map { rowOfCursor(in: $0, columns: size.columns) } ?? 0
        return Array("\r\(row > 0 ? "\u{1B}[\(row)A" : "")\(Brush.eraseBelow)".utf8)
    }

    mutating func forget() {
        painted = nil
    }

    /// Returns the rows to show, scrolling only if the cursor is outside the rows shown before.
    private mutating func window(of count: Int, around cursorRow: Int, height: Int) -> Range<Int> {
        if !(top..<top + height).contains(cursorRow) { top = cursorRow - height / 2 }
        top = max(0, min(top, count - height))
        return top..<min(top + height, count)
    }

    /// Returns the row of the cursor, taking into account that the terminal may have rewrapped the line.
    private func rowOfCursor(in painted: Painted, columns: Int) -> Int {
        guard reflows && painted.size.columns != columns else { return painted.cursorRow }
        let cells = painted.shownCells
        let layout = LineLayout(cells, columns: columns, ended: painted.ended)
        let row = layout.row(ofCell: painted.cursor)
        // The cursor stays at the end of a row that has become full; moving up too far would erase a message.
        let isBehindFullRow = layout.endsInEmptyRow && painted.cursor == cells.endIndex
        return isBehindFullRow && !painted.endsInEmptyRow ? row - 1 : row
    }
}

// MARK: - Changing rows

extension MultiRowPainter {
    /// Returns the bytes that update the screen from `old`, or from an empty one, to `new` with the cursor in `column`.
    private static func change(_ old: Painted?, to new: Painted, column: Int) -> [UInt8] {
        var brush = Brush(row: old?.cursorRow ?? 0, height: old?.rows.count ?? 1)
        // The colors of a different prompt may affect all of the following text.
        let isComparable = old?.prompt == new.prompt
        var isContinued = false
        for (offset, row) in new.rows.enumerated() {
            var unchanged = 0
            if isComparable, let old, offset < old.rows.count {
                let oldRow = old.rows[old.rows.startIndex + offset]
                unchanged = commonCells(old.cells, oldRow, new.cells, row)
                let isSame = unchanged == row.cells.count && unchanged == oldRow.cells.count
                if isSame && oldRow.isWrapped == row.isWrapped && !isContinued { continue }
                // A terminal wraps only after the last character of a row, so that character must be written again.
                if isContinued || unchanged == row.cells.count && row.isWrapped { unchanged = 0 }
            }
            paint(row, of: new, from: unchanged, at: offset, with: &brush)
            let isLast = offset == new.rows.count - 1
            isContinued = row.isWrapped && !isLast
            if isContinued {
                brush.wrap(isLast: offset == new.rows.count - 2 && new.endsInEmptyRow)
            } else if !isLast {
                brush.endRow()
            }
        }
        if let old, old.rows.count > new.rows.count {
            brush.move(toRow: new.rows.count, column: 0)
            brush.write("\u{1B}[J".utf8, column: 0)
        }
        brush.move(toRow: new.cursorRow, column: column)
        return brush.bytes
    }

    /// Returns the number of leading cells that look the same in two rows.
    private static func commonCells(_ old: Cells, _ oldRow: LineLayout.Row, _ new: Cells, _ newRow: LineLayout.Row)
        -> Int
    {
        zip(oldRow.cells, newRow.cells).prefix { oldIndex, newIndex in
            old.cells[oldIndex].columns == new.cells[newIndex].columns
                && old.bytes(of: oldIndex) == new.bytes(of: newIndex)
        }.count
    }

    /// Paints a row from cell `start` and erases the rest of the row.
    private static func paint(
        _ row: LineLayout.Row,
        of painted: Painted,
        from start: Int,
        at offset: Int,
        with brush: inout Brush
    ) {
        let width = painted.size.columns
        let first = row.cells.lowerBound + start
        var column = painted.cells.cells[row.cells.lowerBound..<first].reduce(0) { $0 + Int($1.columns) }
        brush.move(toRow: offset, column: min(column, width - 1))
        for index in first..<row.cells.upperBound {
            let cell = painted.cells.cells[index]
            let next = column + Int(cell.columns)
            if cell.kind == .uncertain {
                // Fill all columns with blanks, as the terminal may use fewer; the next cell overwrites the excess.
                brush.write([UInt8](repeating: 0x20, count: Int(cell.columns)), column: nil)
                brush.write("\u{1B}[\(column + 1)G".utf8, column: nil)
                brush.write(painted.cells.bytes(of: index), column: nil)
                brush.write("\u{1B}[\(next + 1)G".utf8, column: next)
            } else {
                brush.write(painted.cells.bytes(of: index), column: next < width ? next : nil)
            }
            column = next
        }
        if row.columns < width { brush.write(Brush.eraseRestOfRow.utf8, column: column) }
    }
}
