import MessageText

/// A byte pattern of hexadecimal digits, `??` for any byte, and `..` for any number of bytes.
struct BytePattern: Sendable {
    private enum Element: Equatable, Sendable {
        case byte(UInt8)
        case anyByte
        case anyBytes
    }

    private let elements: [Element]

    /// Parses a pattern; spaces between bytes are allowed.
    ///
    /// - Throws: `InvalidValue`.
    init(_ text: String) throws(InvalidValue) {
        let characters = Array(text.filter { !ScriptLine.isSpace($0) })
        guard characters.count.isMultiple(of: 2) else {
            throw InvalidValue("expected two digits for each byte, ?? for any byte, or .. for any number of bytes")
        }
        var elements: [Element] = []
        for index in stride(from: 0, to: characters.count, by: 2) {
            switch String(characters[index...index + 1]) {
            case "??": elements.append(.anyByte)
            case "..": if elements.last != .anyBytes { elements.append(.anyBytes) }
            case let digits:
                guard let byte = try HexDigits.bytes(digits).first else { continue }
                elements.append(.byte(byte))
            }
        }
        self.elements = elements
    }

    /// Returns whether the pattern matches all bytes, in time at most proportional to the product of both lengths.
    func matches(_ bytes: [UInt8]) -> Bool {
        var (element, byte) = (0, 0)
        /// The positions after the last `..`, from which matching is retried one byte later.
        var gap: (element: Int, byte: Int)?
        while byte < bytes.count {
            if element < elements.count, elements[element] == .anyBytes {
                gap = (element + 1, byte)
                element += 1
            } else if element < elements.count, accepts(elements[element], bytes[byte]) {
                element += 1
                byte += 1
            } else if let last = gap {
                gap = (last.element, last.byte + 1)
                (element, byte) = (last.element, last.byte + 1)
            } else {
                return false
            }
        }
        return elements[element...].allSatisfy { $0 == .anyBytes }
    }

    private func accepts(_ element: Element, _ byte: UInt8) -> Bool { element == .anyByte || element == .byte(byte) }
}
