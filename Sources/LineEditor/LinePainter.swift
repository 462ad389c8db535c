/// A prompt and the text being edited.
struct Line: Equatable {
    var prompt = ""
    var text: [Unicode.Scalar] = []
    /// The index of the scalar that the cursor is on.
    var cursor = 0
}

/// The columns and rows of a terminal.
struct ScreenSize: Equatable {
    var columns: Int
    var rows: Int
}

/// Composes the bytes that show a line on a terminal, from what it shows already. Without I/O.
protocol LinePainter {
    /// Returns the bytes that show the line, with the cursor in it.
    ///
    /// All rows of a line that is taller than the screen if `isWhole`, else only those that fit.
    mutating func paint(_ line: Line, in size: ScreenSize, isWhole: Bool) -> [UInt8]

    /// Returns the bytes that erase the line and move the cursor to its beginning.
    mutating func erase(in size: ScreenSize) -> [UInt8]

    /// Treats the contents of the screen as unknown from now on.
    mutating func forget()

    /// Whether the painted line already ends with an empty row, because its last row of text is full.
    var endsInEmptyRow: Bool { get }
}
