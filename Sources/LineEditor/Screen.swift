import CEditLine
import SystemPackage

/// A prompt and the text being edited.
struct Line: Equatable {
    var prompt = ""
    var text: [Unicode.Scalar] = []
    /// The index of the scalar that the cursor stands on.
    var cursor = 0
}

/// The painter of the line: knows the contents of the screen and changes them, each time with one write.
struct Screen {
    /// What a terminal can do.
    enum Kind: Equatable {
        /// Moves its cursor; after a change of width it may re-flow its lines.
        case full(reflows: Bool)
        /// Prints, and returns to the beginning of the row.
        case dumb
    }

    /// The line painted last, as far as needed to find its first row again.
    private struct Painted {
        var line: Line
        var window: Range<Int>
        /// See `LineLayout.ended`.
        var ended: [Int]
        /// Whether the cursor stood on a row of its own, the one above being full.
        var endsInEmptyRow = false
        var cursor: Int
        var cursorRow: Int
        var columns: Int
        var rows: Int
    }

    private let output: FileDescriptor
    private let kind: Kind
    private var painted: Painted?
    private var cells = Cells(prompt: "", text: [])
    /// Set when the terminal is gone; nothing is written any more.
    private(set) var isGone = false

    init(output: FileDescriptor, kind: Kind) {
        self.output = output
        self.kind = kind
    }

    /// Shows the line, unless it stands there already.
    mutating func show(_ line: Line) {
        let size = self.size
        if let painted, painted.line == line, (painted.columns, painted.rows) == size { return }
        write { bytes, screen in screen.repaint(line, size, into: &bytes) }
    }

    /// Prints whole lines above the line and shows it again below; nil for no line.
    mutating func print(_ text: [UInt8], above line: Line?) {
        let size = self.size
        write { bytes, screen in
            bytes.reserveCapacity(text.count + 1024)
            screen.erase(size, into: &bytes)
            bytes += text
            if text.contains(0x1B) && screen.kind != .dumb { bytes += "\u{1B}[m".utf8 }
            if let line { screen.repaint(line, size, into: &bytes) }
        }
    }

    /// Leaves the line on the screen for good, followed by `suffix`; later output begins on a new row.
    mutating func end(_ line: Line, suffix: String = "") {
        var line = line
        line.cursor = line.text.count
        let size = self.size
        write { bytes, screen in
            screen.repaint(line, size, into: &bytes)
            bytes += suffix.utf8
            // A full row has already sent the cursor to the next one.
            bytes += screen.standsOnEmptyRow(size) && suffix.isEmpty ? "\r".utf8 : "\r\n".utf8
            screen.painted = nil
        }
    }

    /// Leaves the line on the screen, the cursor after it: the shell begins a new row itself.
    mutating func leave(_ line: Line) {
        var line = line
        line.cursor = line.text.count
        show(line)
        painted = nil
    }

    /// Erases the line.
    mutating func erase(then sequence: String = "") {
        let size = self.size
        write { bytes, screen in
            screen.erase(size, into: &bytes)
            bytes += sequence.utf8
        }
    }

    /// Writes a control sequence, which must not move the cursor.
    mutating func tell(_ sequence: String) {
        guard kind != .dumb else { return }
        write { bytes, _ in bytes += sequence.utf8 }
    }

    /// Empties the screen and shows the line at its top.
    mutating func clear(_ line: Line) {
        guard kind != .dumb else { return }
        let size = self.size
        write { bytes, screen in
            bytes += "\u{1B}[H\u{1B}[2J".utf8
            screen.painted = nil
            screen.repaint(line, size, into: &bytes)
        }
    }

    /// Forgets the contents of the screen: another process has written to it.
    mutating func forget() {
        painted = nil
    }

    /// The terminal's columns.
    var columns: Int { size.columns }

    private var size: (columns: Int, rows: Int) {
        let (columns, rows) = Self.size(of: output.rawValue)
        return (max(columns, 2), max(rows, 1))
    }

    /// Returns the size of a terminal; if unknown, that of the environment, or 80 columns and 24 rows.
    static func size(of descriptor: Int32) -> (columns: Int, rows: Int) {
        var columns = variable("COLUMNS") ?? 80
        var rows = variable("LINES") ?? 24
        _ = terminal_size(descriptor, &columns, &rows)
        return (Int(columns), Int(rows))
    }

    private static func variable(_ name: String) -> Int32? {
        getenv(name).flatMap { Int32(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil }
    }
}

// MARK: - Painting

extension Screen {
    private mutating func repaint(_ line: Line, _ size: (columns: Int, rows: Int), into bytes: inout [UInt8]) {
        if kind == .dumb { return repaintInOneRow(line, columns: size.columns, into: &bytes) }
        returnToFirstRow(size, into: &bytes)
        // After a change of width nothing is known about the cells right of the text.
        if painted?.columns != size.columns { bytes += "\u{1B}[J".utf8 }

        if painted?.line.prompt != line.prompt || painted?.line.text != line.text || painted == nil {
            cells = Cells(prompt: line.prompt, text: line.text)
        }
        let all = cells.cells
        let layout = LineLayout(all[...], columns: size.columns)
        let cursor = cells.index(ofScalar: line.cursor, in: line.text.count)
        let cursorRow = layout.row(ofCell: cursor)
        // A line taller than the screen is shown as the rows round the cursor.
        let first = max(0, min(cursorRow - size.rows / 2, layout.rows.count - size.rows))
        let last = min(first + size.rows, layout.rows.count) - 1
        let isWindow = first > 0 || last < layout.rows.count - 1
        if isWindow { bytes += "\u{1B}[J".utf8 }

        for row in first...last { paintRow(row, of: layout, isLast: row == last, width: size.columns, into: &bytes) }
        if !isWindow { bytes += "\u{1B}[J".utf8 }

        let column = min(layout.column(ofCell: cursor, in: all[...]), size.columns - 1)
        if last > cursorRow { bytes += "\u{1B}[\(last - cursorRow)A".utf8 }
        bytes += "\r".utf8
        if column > 0 { bytes += "\u{1B}[\(column)C".utf8 }
        painted = Painted(
            line: line,
            window: layout.rows[first].cells.lowerBound..<layout.rows[last].cells.upperBound,
            ended: layout.ended(in: all[...]),
            endsInEmptyRow: layout.endsInEmptyRow,
            cursor: cursor,
            cursorRow: cursorRow - first,
            columns: size.columns,
            rows: size.rows
        )
    }

    private func paintRow(_ index: Int, of layout: LineLayout, isLast: Bool, width: Int, into bytes: inout [UInt8]) {
        let row = layout.rows[index]
        var column = 0
        for cell in row.cells {
            bytes += cells.bytes(of: cell)
            column += Int(cells.cells[cell].columns)
            if cells.cells[cell].kind == .uncertain { bytes += "\u{1B}[\(column + 1)G\u{1B}[K".utf8 }
        }
        guard !isLast else { return }
        if row.columns < width { bytes += "\u{1B}[K".utf8 }
        if !row.isWrapped {
            bytes += "\r\n".utf8
        } else if index == layout.rows.count - 2 && layout.endsInEmptyRow {
            // The terminal wraps only when something follows.
            bytes += " \r".utf8
        }
    }

    private mutating func erase(_ size: (columns: Int, rows: Int), into bytes: inout [UInt8]) {
        if kind == .dumb { return eraseOneRow(into: &bytes) }
        returnToFirstRow(size, into: &bytes)
        bytes += "\u{1B}[J".utf8
        painted = nil
    }

    /// Moves to where the painted line begins, which has moved if the terminal has re-flowed it.
    private func returnToFirstRow(_ size: (columns: Int, rows: Int), into bytes: inout [UInt8]) {
        bytes += "\r".utf8
        guard let painted else { return }
        var row = painted.cursorRow
        if kind == .full(reflows: true) && painted.columns != size.columns {
            let cells = cells.cells[painted.window]
            let layout = LineLayout(cells, columns: size.columns, ended: painted.ended)
            row = layout.row(ofCell: painted.cursor)
            // After a row that has become full, the cursor stays; moving up too far would erase a message.
            let isBehindFullRow = layout.endsInEmptyRow && painted.cursor == cells.endIndex
            if isBehindFullRow && !painted.endsInEmptyRow { row -= 1 }
        }
        if row > 0 { bytes += "\u{1B}[\(row)A".utf8 }
    }

    private func standsOnEmptyRow(_ size: (columns: Int, rows: Int)) -> Bool {
        kind != .dumb && LineLayout(cells.cells[...], columns: size.columns).endsInEmptyRow
    }
}

// MARK: - A terminal that cannot go up

extension Screen {
    /// Shows the part of the line round the cursor, in one row.
    private mutating func repaintInOneRow(_ line: Line, columns: Int, into bytes: inout [UInt8]) {
        eraseOneRow(into: &bytes)
        cells = Cells(prompt: line.prompt, text: line.text)
        let shown = cells.cells.indices.filter { cells.cells[$0].kind != .sequence }
        let widths = shown.map { cells.cells[$0].kind == .newline ? 2 : Int(cells.cells[$0].columns) }
        let cursor = cells.index(ofScalar: line.cursor, in: line.text.count)
        let position = shown.firstIndex { $0 >= cursor } ?? shown.count
        // The last column stays empty, so that nothing wraps.
        let width = columns - 1
        var first = 0
        var used = widths[..<position].reduce(0, +)
        if used >= width {
            while used > width * 3 / 4 && first < position {
                used -= widths[first]
                first += 1
            }
        }
        var beforeCursor: [UInt8] = []
        var whole: [UInt8] = []
        var total = 0
        for index in first..<shown.count {
            guard total + widths[index] <= width else { break }
            total += widths[index]
            let isNewline = cells.cells[shown[index]].kind == .newline
            whole += isNewline ? Array("^J".utf8) : Array(cells.bytes(of: shown[index]))
            if index < position { beforeCursor = whole }
        }
        bytes += whole
        if beforeCursor.count != whole.count { bytes += "\r".utf8 + beforeCursor }
        painted = Painted(
            line: line,
            window: 0..<total,
            ended: [],
            cursor: cursor,
            cursorRow: 0,
            columns: columns,
            rows: 0
        )
    }

    private mutating func eraseOneRow(into bytes: inout [UInt8]) {
        if let painted {
            bytes += "\r".utf8 + [UInt8](repeating: 0x20, count: painted.window.count) + "\r".utf8
        }
        painted = nil
    }
}

// MARK: - Writing

extension Screen {
    private mutating func write(_ compose: (inout [UInt8], inout Screen) -> Void) {
        var bytes: [UInt8] = []
        compose(&bytes, &self)
        guard !isGone else { return }
        var rest = bytes[...]
        while !rest.isEmpty {
            do {
                rest = rest.dropFirst(try rest.withUnsafeBytes { try output.write($0) })
            } catch Errno.resourceTemporarilyUnavailable {
                // Another process made the terminal non-blocking.
                var descriptor = pollfd(fd: output.rawValue, events: Int16(POLLOUT), revents: 0)
                terminal_poll(&descriptor, 1, -1)
            } catch {
                return isGone = true
            }
        }
    }
}
