/// The bytes that change a line on the screen row by row, and the position of the cursor after them.
struct Brush {
    /// Erases from the cursor, which is in the first column, to the end of the screen.
    ///
    /// The first row is erased separately: tmux and GNU screen copy the screen to their scrollback when all of it is
    /// erased from its top left corner.
    static let eraseBelow = "\u{1B}[K\u{1B}[C\u{1B}[J\r"
    static let eraseRestOfRow = "\u{1B}[K"

    private(set) var bytes: [UInt8] = []
    /// The row of the cursor, counted from the first row shown of the line.
    private var row: Int
    /// The column of the cursor; nil if unknown.
    private var column: Int?
    /// The number of rows on the screen from the first row shown of the line.
    private var height: Int

    init(row: Int, height: Int) {
        (self.row, self.height) = (row, height)
    }

    /// Adds bytes that leave the cursor in its row, at this column; nil if unknown.
    mutating func write(_ added: some Sequence<UInt8>, column: Int?) {
        bytes += added
        self.column = column
    }

    /// Moves the cursor, and adds the rows that do not exist yet.
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

    /// Moves to the next row; the terminal does not regard the two as one wrapped line.
    mutating func endRow() {
        bytes += "\r\n".utf8
        beginRow()
    }

    /// Notes that the next character wraps to the next row, or makes it wrap if none follows.
    mutating func wrap(isLast: Bool) {
        if isLast { bytes += " \r".utf8 }
        beginRow()
    }

    private mutating func beginRow() {
        (row, column) = (row + 1, 0)
        height = max(height, row + 1)
    }
}
