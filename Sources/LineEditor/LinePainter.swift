/// A prompt and the text being edited.
struct Line: Equatable {
    var prompt = ""
    var text: [Unicode.Scalar] = []
    /// The index of the Unicode scalar under the cursor.
    var cursor = 0
}

/// The columns and rows of a terminal.
struct ScreenSize: Equatable {
    var columns: Int
    var rows: Int
}

/// A type that returns the bytes to draw a line on a terminal, based on the current screen contents. It does no I/O.
protocol LinePainter {
    /// Returns the bytes that draw the line and position the cursor.
    ///
    /// If the line is taller than the screen, draws all rows if `isWhole` is true, otherwise only those that fit.
    mutating func paint(_ line: Line, in size: ScreenSize, isWhole: Bool) -> [UInt8]

    /// Returns the bytes that erase the line and move the cursor to its beginning.
    mutating func erase(in size: ScreenSize) -> [UInt8]

    /// Treats the contents of the screen as unknown from now on.
    mutating func forget()

    /// Whether an empty row follows the painted line because its last row of text is full.
    var endsInEmptyRow: Bool { get }
}
