/// A painter that draws the part of a line around the cursor in one row, for terminals that cannot move up.
struct OneRowPainter: LinePainter {
    /// The number of columns painted.
    private var width = 0

    let endsInEmptyRow = false

    mutating func paint(_ line: Line, in size: ScreenSize, isWhole: Bool) -> [UInt8] {
        var bytes = erase(in: size)
        let cells = Cells(prompt: line.prompt, text: line.text)
        let shown = cells.cells.indices.filter { cells.cells[$0].kind != .sequence }
        let widths = shown.map { cells.cells[$0].kind == .newline ? 2 : Int(cells.cells[$0].columns) }
        let cursor = cells.index(ofScalar: line.cursor, in: line.text.count)
        let position = shown.firstIndex { $0 >= cursor } ?? shown.count
        // The last column stays empty to prevent wrapping.
        let limit = size.columns - 1
        var first = 0
        var used = widths[..<position].reduce(0, +)
        if used >= limit {
            while used > limit * 3 / 4 && first < position {
                used -= widths[first]
                first += 1
            }
        }
        var beforeCursor: [UInt8] = []
        var whole: [UInt8] = []
        for index in first..<shown.count {
            guard width + widths[index] <= limit else { break }
            width += widths[index]
            let isNewline = cells.cells[shown[index]].kind == .newline
            whole += isNewline ? Array("^J".utf8) : Array(cells.bytes(of: shown[index]))
            if index < position { beforeCursor = whole }
        }
        bytes += whole
        if beforeCursor.count != whole.count { bytes += "\r".utf8 + beforeCursor }
        return bytes
    }

    mutating func erase(in size: ScreenSize) -> [UInt8] {
        guard width > 0 else { return [] }
        defer { width = 0 }
        return "\r".utf8 + [UInt8](repeating: 0x20, count: width) + "\r".utf8
    }

    mutating func forget() {
        width = 0
    }
}
