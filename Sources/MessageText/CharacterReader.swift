/// Reads the characters of a text one by one, most of which are ASCII.
struct CharacterReader {
    /// A character.
    enum Unit: Equatable {
        /// The end of the text.
        case none
        /// An ASCII character; CR LF is one character unless scalars are read.
        case ascii(UInt8)
        case other(Character)
    }

    private let text: String
    private let bytes: UnsafeBufferPointer<UInt8>
    private let byScalar: Bool
    /// The byte after the last character read.
    private(set) var offset = 0
    /// The index at `offset`, if the last character was not ASCII: it saves the search for the boundary of characters.
    private var index: String.Index?

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - bytes: its UTF-8; must outlive the reader.
    ///   - byScalar: whether each Unicode scalar is a character.
    init(_ text: String, _ bytes: UnsafeBufferPointer<UInt8>, byScalar: Bool) {
        (self.text, self.bytes, self.byScalar) = (text, bytes, byScalar)
    }

    /// Returns the next character.
    mutating func next() -> Unit {
        guard offset < bytes.count else { return .none }
        let byte = bytes[offset]
        if byScalar { return nextScalar(byte) }
        let following = offset + 1 < bytes.count ? bytes[offset + 1] : 0
        // Only a scalar beyond ASCII can combine with an ASCII one, but for CR LF.
        if byte < 0x80, following < 0x80, byte != UInt8(ascii: "\r") || following != UInt8(ascii: "\n") {
            offset += 1
            index = nil
            return .ascii(byte)
        }
        let start = index ?? text.utf8.index(text.startIndex, offsetBy: offset)
        let end = text.index(after: start)
        let length = text.utf8.distance(from: start, to: end)
        offset += length
        index = end
        return length == 1 ? .ascii(byte) : .other(text[start])
    }

    private mutating func nextScalar(_ byte: UInt8) -> Unit {
        guard byte >= 0x80 else {
            offset += 1
            return .ascii(byte)
        }
        let scalar = text.unicodeScalars[text.utf8.index(text.startIndex, offsetBy: offset)]
        offset += UTF8.width(scalar)
        return .other(Character(scalar))
    }
}
