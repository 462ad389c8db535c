import CEditLine

/// An indivisible part of a row: a character with its combining marks, or a color sequence.
struct Cell: Equatable {
    enum Kind: UInt8 {
        case plain
        /// Terminals differ in its width (emoji sequences), so the cursor is moved to the column after it explicitly.
        case uncertain
        case newline
        /// A color: written, but without a column.
        case sequence
    }

    var kind: Kind
    /// The columns reserved for it.
    var columns: UInt8
    /// The most columns that some terminal may use for it.
    var most: UInt8
    /// Where its bytes start in `Cells.bytes`.
    var offset: Int
    /// The index of the first scalar of the text that it shows; -1 in the prompt.
    var scalar: Int
}

/// Prompt and text as the cells that show them.
struct Cells: Equatable {
    private(set) var bytes: [UInt8] = []
    private(set) var cells: [Cell] = []

    init(prompt: String, text: [Unicode.Scalar]) {
        bytes.reserveCapacity(prompt.utf8.count + text.count)
        cells.reserveCapacity(prompt.utf8.count + text.count + 1)
        addPrompt(prompt)
        addText(text)
    }

    func bytes(of index: Int) -> ArraySlice<UInt8> {
        bytes[cells[index].offset..<(index + 1 < cells.count ? cells[index + 1].offset : bytes.count)]
    }

    /// The cell that the cursor stands on; the number of cells when it stands after the last one.
    func index(ofScalar scalar: Int, in text: Int) -> Int {
        guard scalar < text else { return cells.count }
        var low = 0
        var high = cells.count
        // The first cell that shows a later scalar.
        while low < high {
            let middle = (low + high) / 2
            if cells[middle].scalar > scalar { high = middle } else { low = middle + 1 }
        }
        var index = max(low - 1, 0)
        // A tab and a ^X take several cells.
        while index > 0 && cells[index - 1].scalar == cells[index].scalar { index -= 1 }
        return index
    }

    private mutating func addPrompt(_ prompt: String) {
        var rest = Substring(prompt).unicodeScalars
        while let first = rest.first {
            if first == "\u{1B}", let end = rest.firstIndex(where: { ("\u{40}"..."\u{7E}").contains($0) && $0 != "[" })
            {
                add(.sequence, 0, scalar: -1, bytes: Substring(rest[...end]).utf8)
                rest = rest[rest.index(after: end)...]
            } else {
                let end = rest.firstIndex(of: "\u{1B}").flatMap { $0 == rest.startIndex ? nil : $0 } ?? rest.endIndex
                addRun(Array(rest[..<end]), firstScalar: -1)
                rest = rest[end...]
            }
        }
        for index in cells.indices { cells[index].scalar = -1 }
    }

    private mutating func addText(_ text: [Unicode.Scalar]) {
        addRun(text, firstScalar: 0)
    }

    private mutating func addRun(_ text: [Unicode.Scalar], firstScalar: Int) {
        var index = 0
        while index < text.count {
            // Only what is not ASCII can join with what stands before it.
            if text[index].isASCII && (index + 1 == text.count || text[index + 1].isASCII) {
                addASCII(text[index], scalar: firstScalar + index)
                index += 1
                continue
            }
            var end = index + 1
            while end < text.count && !text[end].isASCII { end += 1 }
            var run = String.UnicodeScalarView()
            run.append(contentsOf: text[index..<end])
            for character in String(run) {
                addCharacter(character, scalar: firstScalar + index)
                index += character.unicodeScalars.count
            }
        }
    }

    private mutating func addASCII(_ scalar: Unicode.Scalar, scalar index: Int) {
        switch scalar.value {
        case 0x0A: add(.newline, 0, scalar: index, bytes: [])
        // Spaces, for a terminal leaves what stood in the columns that a tab passes over.
        case 0x09: for _ in 0..<4 { add(.plain, 1, scalar: index, bytes: [0x20]) }
        case 0x00..<0x20, 0x7F:
            add(.plain, 1, scalar: index, bytes: [UInt8(ascii: "^")])
            add(.plain, 1, scalar: index, bytes: [UInt8(scalar.value) ^ 0x40])
        default: add(.plain, 1, scalar: index, bytes: [UInt8(scalar.value)])
        }
    }

    private mutating func addCharacter(_ character: Character, scalar index: Int) {
        guard let first = character.unicodeScalars.first else { return }
        if character.unicodeScalars.count == 1 && first.isASCII { return addASCII(first, scalar: index) }
        let width = Width(of: character)
        // A mark without a character to combine with would change the one before it.
        if Width.isInvisible(first) || width.columns == 0 {
            for (position, scalar) in character.unicodeScalars.enumerated() {
                for byte in "\\u{\(String(scalar.value, radix: 16))}".utf8 {
                    add(.plain, 1, scalar: index + position, bytes: [byte])
                }
            }
            return
        }
        let kind = width.isCertain ? Cell.Kind.plain : .uncertain
        add(kind, width.columns, most: width.most, scalar: index, bytes: character.utf8)
    }

    private mutating func add(
        _ kind: Cell.Kind,
        _ columns: Int,
        most: Int? = nil,
        scalar: Int,
        bytes added: some Sequence<UInt8>
    ) {
        let most = UInt8(clamping: most ?? columns)
        cells.append(
            Cell(kind: kind, columns: UInt8(clamping: columns), most: most, offset: bytes.count, scalar: scalar)
        )
        bytes.append(contentsOf: added)
    }
}
