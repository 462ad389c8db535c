import CEditLine
import SystemPackage

/// The screen with the line at its bottom; each change of it is one write.
struct Screen {
    /// What a terminal can do.
    enum Kind: Equatable {
        /// Moves its cursor; after a change of width it may re-flow its lines.
        case full(reflows: Bool)
        /// Prints, and returns to the beginning of the row.
        case dumb
    }

    private let output: FileDescriptor
    private let kind: Kind
    private var painter: any LinePainter
    /// The line on the screen and the size it was painted for; nil if there is none.
    private var shown: (line: Line, size: ScreenSize)?
    /// Set when the terminal is gone; nothing is written any more.
    private(set) var isGone = false

    init(output: FileDescriptor, kind: Kind) {
        self.output = output
        self.kind = kind
        switch kind {
        case .full(let reflows): painter = MultiRowPainter(reflows: reflows)
        case .dumb: painter = OneRowPainter()
        }
    }

    /// Shows the line, unless the screen shows it already.
    mutating func show(_ line: Line) {
        let size = self.size
        if let shown, shown == (line, size) { return }
        write(paint(line, size))
    }

    /// Prints whole lines above the line and shows it again below; nil for no line.
    mutating func print(_ text: [UInt8], above line: Line?) {
        let size = self.size
        var bytes = eraseLine(size) + text
        if text.contains(0x1B) && kind != .dumb { bytes += "\u{1B}[m".utf8 }
        if let line { bytes += paint(line, size) }
        write(bytes)
    }

    /// Writes the whole line for the last time, followed by `suffix`; later output begins on a new row.
    mutating func end(_ line: Line, suffix: String = "") {
        var line = line
        line.cursor = line.text.count
        let bytes = paint(line, size, isWhole: true)
        // A full row has already sent the cursor to the next one.
        write(bytes + (painter.endsInEmptyRow && suffix.isEmpty ? "\r" : suffix + "\r\n").utf8)
        forget()
    }

    /// Leaves the line on the screen, the cursor after it: the shell begins a new row itself.
    mutating func leave(_ line: Line) {
        var line = line
        line.cursor = line.text.count
        show(line)
        forget()
    }

    /// Erases the line.
    mutating func erase() {
        write(eraseLine(size))
    }

    /// Writes a control sequence, which must not move the cursor.
    mutating func tell(_ sequence: String) {
        guard kind != .dumb else { return }
        write(Array(sequence.utf8))
    }

    /// Empties the screen and shows the line at its top.
    mutating func clear(_ line: Line) {
        guard kind != .dumb else { return }
        let size = self.size
        // The line is erased first, because the terminal may move the contents of the screen to its scrollback.
        write(eraseLine(size) + "\u{1B}[H\u{1B}[2J".utf8 + paint(line, size))
    }

    /// Forgets the contents of the screen: another process has written to it.
    mutating func forget() {
        painter.forget()
        shown = nil
    }

    private mutating func paint(_ line: Line, _ size: ScreenSize, isWhole: Bool = false) -> [UInt8] {
        shown = (line, size)
        return painter.paint(line, in: size, isWhole: isWhole)
    }

    private mutating func eraseLine(_ size: ScreenSize) -> [UInt8] {
        shown = nil
        return painter.erase(in: size)
    }
}

// MARK: - Size

extension Screen {
    /// The terminal's columns.
    var columns: Int { size.columns }

    private var size: ScreenSize {
        let size = Self.size(of: output.rawValue)
        return ScreenSize(columns: max(size.columns, 2), rows: max(size.rows, 1))
    }

    /// Returns the size of a terminal; if unknown, that of the environment, or 80 columns and 24 rows.
    static func size(of descriptor: Int32) -> ScreenSize {
        var columns = variable("COLUMNS") ?? 80
        var rows = variable("LINES") ?? 24
        _ = terminal_size(descriptor, &columns, &rows)
        return ScreenSize(columns: Int(columns), rows: Int(rows))
    }

    private static func variable(_ name: String) -> Int32? {
        getenv(name).flatMap { Int32(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil }
    }
}

// MARK: - Writing

extension Screen {
    private mutating func write(_ bytes: [UInt8]) {
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
