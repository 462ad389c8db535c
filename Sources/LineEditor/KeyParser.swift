/// A key or a paste received from the terminal.
enum Key: Equatable {
    /// A character to insert, or a control character. The Alt key is an ESC before another character.
    case character(Unicode.Scalar)
    /// Text from a bracketed paste, with each line end as a newline.
    case paste([Unicode.Scalar])
    case left, right, up, down, home, end, delete, wordLeft, wordRight, deleteWord
    /// Alt-Enter, which inserts a newline.
    case newline
    case interrupt, suspend, quit
}

/// A parser that splits the bytes of a terminal into keys, ignoring unknown escape sequences.
struct KeyParser {
    /// The special characters in the user's terminal settings.
    struct Specials {
        var interrupt: UInt8? = 0x03
        var suspend: UInt8? = 0x1A
        var quit: UInt8? = 0x1C
        var literalNext: UInt8? = 0x16
    }

    private enum State {
        case ground
        case literal
        /// Inside a UTF-8 character, with its bytes so far and its length.
        case character([UInt8], Int)
        case escape
        /// After ESC O.
        case shifted
        /// After ESC [, with the bytes so far.
        case sequence([UInt8])
        /// After ESC [ [, which starts a function key of the Linux console.
        case consoleKey
        case paste
    }

    private let specials: Specials
    private var state = State.ground
    private var isAlt = false
    private var pasted: [UInt8] = []

    init(specials: Specials = Specials()) {
        self.specials = specials
    }

    /// Whether the bytes so far may be a single Escape key, which only a timeout can determine.
    var isWaitingAfterEscape: Bool {
        switch state {
        case .escape, .shifted: true
        case .sequence(let bytes): bytes.isEmpty
        case .ground, .literal, .character, .consoleKey, .paste: false
        }
    }

    /// Parses bytes and returns the complete keys.
    mutating func parse(_ bytes: some Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        for byte in bytes { take(byte, into: &keys) }
        return keys
    }

    /// Returns the keys for the bytes since an Escape if no more bytes follow.
    mutating func endOfEscape() -> [Key] {
        guard isWaitingAfterEscape else { return [] }
        var keys: [Key] = isAlt ? [.character("\u{1B}"), .character("\u{1B}")] : [.character("\u{1B}")]
        if case .shifted = state { keys.append(.character("O")) }
        if case .sequence = state { keys.append(.character("[")) }
        (state, isAlt) = (.ground, false)
        return keys
    }

    private mutating func take(_ byte: UInt8, into keys: inout [Key]) {
        switch state {
        case .ground:
            ground(byte, into: &keys)
        case .literal:
            state = .ground
            if byte < 0x80 { keys.append(.character(Unicode.Scalar(byte))) } else { ground(byte, into: &keys) }
        case .character(var bytes, let count):
            guard byte & 0xC0 == 0x80 else {
                keys.append(.character("\u{FFFD}"))
                state = .ground
                return take(byte, into: &keys)
            }
            bytes.append(byte)
            state = .character(bytes, count)
            guard bytes.count == count else { return }
            state = .ground
            // C1 control characters cannot be typed; the editor uses their codes for named keys.
            let decoded = String(decoding: bytes, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
            if !(0x80...0x9F).contains(decoded.value) { keys.append(.character(decoded)) }
        case .escape:
            escape(byte, into: &keys)
        case .shifted:
            state = .ground
            append(Self.shiftedKeys[byte], to: &keys)
        case .sequence(let bytes):
            sequence(bytes, byte, into: &keys)
        case .consoleKey:
            state = .ground
        case .paste:
            pasted.append(byte)
            if byte == UInt8(ascii: "~") && pasted.suffix(6).elementsEqual("\u{1B}[201~".utf8) {
                keys.append(.paste(Self.text(of: pasted.dropLast(6))))
                (state, pasted) = (.ground, [])
            }
        }
    }

    private mutating func ground(_ byte: UInt8, into keys: inout [Key]) {
        switch byte {
        case 0x1B: state = .escape
        case specials.interrupt: keys.append(.interrupt)
        case specials.suspend: keys.append(.suspend)
        case specials.quit: keys.append(.quit)
        case 0x00..<0x80:
            if byte == specials.literalNext { state = .literal }
            keys.append(.character(Unicode.Scalar(byte)))
        case 0xC2...0xDF: state = .character([byte], 2)
        case 0xE0...0xEF: state = .character([byte], 3)
        case 0xF0...0xF4: state = .character([byte], 4)
        default: keys.append(.character("\u{FFFD}"))
        }
    }

    private mutating func escape(_ byte: UInt8, into keys: inout [Key]) {
        switch byte {
        case UInt8(ascii: "["): state = .sequence([])
        case UInt8(ascii: "O"): state = .shifted
        case 0x1B where !isAlt:
            isAlt = true
        case 0x0D, 0x0A:
            (state, isAlt) = (.ground, false)
            keys.append(.newline)
        default:
            state = .ground
            if isAlt { keys.append(.character("\u{1B}")) }
            isAlt = false
            keys.append(.character("\u{1B}"))
            ground(byte, into: &keys)
        }
    }

    private mutating func sequence(_ bytes: [UInt8], _ byte: UInt8, into keys: inout [Key]) {
        switch byte {
        case UInt8(ascii: "[") where bytes.isEmpty:
            state = .consoleKey
            isAlt = false
        case 0x20...0x3F:
            // No sequence is that long, so treat the following bytes as text.
            state = bytes.count < 64 ? .sequence(bytes + [byte]) : .ground
        case 0x40...0x7E:
            state = .ground
            if byte == UInt8(ascii: "~") && bytes.elementsEqual("200".utf8) {
                (state, isAlt) = (.paste, false)
            } else {
                append(Self.key(parameters: bytes, final: byte), to: &keys)
            }
        default:
            (state, isAlt) = (.ground, false)
            take(byte, into: &keys)
        }
    }

    private mutating func append(_ key: Key?, to keys: inout [Key]) {
        switch key {
        case .left where isAlt: keys.append(.wordLeft)
        case .right where isAlt: keys.append(.wordRight)
        case .some(let key): keys.append(key)
        case nil: break
        }
        isAlt = false
    }
}

// MARK: - Escape sequences

extension KeyParser {
    private static let shiftedKeys: [UInt8: Key] = [
        UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right, UInt8(ascii: "D"): .left,
        UInt8(ascii: "H"): .home, UInt8(ascii: "F"): .end,
        // Ctrl with an arrow key in rxvt.
        UInt8(ascii: "c"): .wordRight, UInt8(ascii: "d"): .wordLeft,
        // Enter on the keypad.
        UInt8(ascii: "M"): .character("\r"),
    ]

    private static func key(parameters: [UInt8], final: UInt8) -> Key? {
        let numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
        // The modifiers are encoded as 1 plus 1 for Shift, 2 for Alt and 4 for Ctrl.
        let modifiers = numbers.count > 1 ? max(numbers[1] - 1, 0) : numbers.first == 5 && final != 0x7E ? 4 : 0
        let isWord = modifiers & 0b1110 != 0
        switch final {
        case UInt8(ascii: "A"): return .up
        case UInt8(ascii: "B"): return .down
        case UInt8(ascii: "C"): return isWord ? .wordRight : .right
        case UInt8(ascii: "D"): return isWord ? .wordLeft : .left
        case UInt8(ascii: "H"): return .home
        case UInt8(ascii: "F"): return .end
        case UInt8(ascii: "~"):
            switch numbers.first {
            case 1, 7: return .home
            case 4, 8: return .end
            case 3: return isWord ? .deleteWord : .delete
            default: return nil
            }
        default: return nil
        }
    }

    /// Returns the text of a paste, with newlines as line ends and without NUL, which libedit cannot store.
    private static func text(of bytes: some Sequence<UInt8>) -> [Unicode.Scalar] {
        var text: [Unicode.Scalar] = []
        var previous: Unicode.Scalar = " "
        for scalar in String(decoding: Array(bytes), as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r": text.append("\n")
            case "\0": text.append("\u{FFFD}")
            default: text.append(scalar)
            }
            previous = scalar
        }
        return text
    }
}
