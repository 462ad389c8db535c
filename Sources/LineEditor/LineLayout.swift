/// The position of each cell in a terminal of a given width, relative to the row in which the line begins.
struct LineLayout {
    struct Row {
        /// Its cells, without a newline at their end.
        var cells: Range<Int>
        var columns: Int
        /// Whether the next row begins because the terminal wrapped, so that it may join the two again.
        var isWrapped: Bool
    }

    private(set) var rows: [Row] = []
    /// Whether the last row holds nothing, being there because the one above is full.
    private(set) var endsInEmptyRow = false

    /// Lays out cells in rows. With `ended`, lays them out as a terminal shows them after a change of width; `ended`
    /// contains the indices of the cells that begin a row.
    init(_ cells: ArraySlice<Cell>, columns width: Int, ended: [Int]? = nil) {
        var start = cells.startIndex
        var column = 0
        for index in cells.indices {
            let cell = cells[index]
            switch cell.kind {
            case .newline:
                rows.append(Row(cells: start..<index, columns: column, isWrapped: false))
                (start, column) = (index + 1, 0)
                continue
            case .sequence:
                continue
            case .plain:
                guard column + Int(cell.columns) > width && column > 0 else { break }
                rows.append(Row(cells: start..<index, columns: column, isWrapped: true))
                (start, column) = (index, 0)
            case .uncertain:
                // It must not come near the edge: some terminals would wrap within it, others not.
                let isEnded = ended?.contains(index) ?? (column + Int(cell.most) >= width)
                guard column > 0 && (isEnded || column + Int(cell.columns) > width) else { break }
                rows.append(Row(cells: start..<index, columns: column, isWrapped: !isEnded))
                (start, column) = (index, 0)
            }
            column += Int(cell.columns)
        }
        let isFull = column >= width
        rows.append(Row(cells: start..<cells.endIndex, columns: column, isWrapped: isFull))
        if isFull {
            rows.append(Row(cells: cells.endIndex..<cells.endIndex, columns: 0, isWrapped: false))
            endsInEmptyRow = true
        }
    }

    /// The cells before which a row was ended though there is no newline.
    func ended(in cells: ArraySlice<Cell>) -> [Int] {
        rows.map(\.cells.lowerBound).filter { cells.indices.contains($0) && cells[$0].kind == .uncertain }
    }

    /// The row in which the cell at this index stands.
    func row(ofCell index: Int) -> Int {
        var low = 0
        var high = rows.count
        // The first row that begins after it.
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].cells.lowerBound > index { high = middle } else { low = middle + 1 }
        }
        return max(low - 1, 0)
    }

    /// The column at which the cell at this index begins.
    func column(ofCell index: Int, in cells: ArraySlice<Cell>) -> Int {
        let row = rows[row(ofCell: index)].cells
        return cells[row.lowerBound..<max(index, row.lowerBound)].reduce(0) { $0 + Int($1.columns) }
    }
}
