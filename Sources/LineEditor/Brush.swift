/// A type that builds the bytes to redraw a line on the screen row by row, and tracks the cursor position.
struct Brush {
    /// Erases from the cursor, which is in the first column, to the end of the screen.
    ///
    /// The first row is erased separately, because tmux and GNU screen copy the screen to their scrollback when it is
    /// erased from the top left corner.
    static let eraseBelow = "\u{1B}[K\u{1B}[C\u{1B}[J\r"
    static let eraseRestOfRow = "\u{1B}[K"

    private(set) var bytes: [UInt8] = []
    /// The row of the cursor, relative to the first visible row of the line.
    private var row: Int
    /// The column of the cursor; nil if unknown.
    private var column: Int?
    /// The number of screen rows from the first visible row of the line.
    private var height: Int

    init(row: Int, height: Int) {
        (self.row, self.height) = (row, height)
    }

    /// Appends bytes that leave the cursor in the same row, at `column`; pass nil if the column is unknown.
    mutating func write(_ added: some Sequence<UInt8>, column: Int?) {
        bytes += added
        self.column = column
    }

    /// Moves the cursor, and adds rows as needed.
    mutating func move(toRow target: Int, column targetColumn: Int) {
        guard target != row || targetColumn != column else { return }
        bytes += "\r".utf8
        let existing = min(target, height - 1)
        if existing < row { bytes += "\u{1B}[\(row - existing)A".utf8 }
        if existing > row { bytes += "\u{1B}[\(existing - row)B".utf8 }
        (row, column) = (existing, 0)
        while row < target { endRow() }
        if targetColumn > 0 { bytes += "\u{1B}[\(targetColumn)C".utf8 }
        column = targetColumn
    }

    /// Moves to the next row with a newline, so that the terminal does not treat both rows as one wrapped line.
    mutating func endRow() {
        bytes += "\r\n".utf8
        beginRow()
    }

    /// Records that the next character wraps to the next row; if there is none, forces the cursor to wrap.
    mutating func wrap(isLast: Bool) {
        if isLast { bytes += " \r".utf8 }
        beginRow()
    }

    private mutating func beginRow() {
        (row, column) = (row + 1, 0)
        height = max(height, row + 1)
    }
}
