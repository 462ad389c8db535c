import MessageText

/// A byte pattern of hexadecimal digits, `??` for any byte, `..` for any number of bytes, and groups `(?<name>…)`.
struct BytePattern: Sendable {
    private enum Element: Equatable, Sendable {
        case byte(UInt8)
        case anyByte
        case anyBytes
        case groupStart
        case groupEnd
    }

    private let elements: [Element]

    /// The names of the groups, in order.
    let groupNames: [String]

    /// Parses a pattern; spaces between bytes are allowed.
    ///
    /// - Throws: `InvalidValue`.
    init(_ text: String) throws(InvalidValue) {
        var rest = Substring(text.filter { !ScriptLine.isSpace($0) })
        var elements: [Element] = []
        var names: [String] = []
        var isInGroup = false
        while !rest.isEmpty {
            if rest.first == "(" {
                let name = rest.hasPrefix("(?<") ? rest.dropFirst(3).prefix { $0 != ">" } : ""
                guard !isInGroup, Template.isName(name), rest[name.endIndex...].first == ">" else {
                    throw InvalidValue("expected (?<name>…), with bytes and no other group inside")
                }
                guard !names.contains(String(name)) else { throw InvalidValue("duplicate group \"\(name)\"") }
                names.append(String(name))
                elements.append(.groupStart)
                isInGroup = true
                rest = rest[name.endIndex...].dropFirst()
            } else if rest.first == ")", isInGroup {
                elements.append(.groupEnd)
                isInGroup = false
                rest.removeFirst()
            } else {
                let element = try Self.element(rest.prefix(2))
                if element != .anyBytes || elements.last != .anyBytes { elements.append(element) }
                rest = rest.dropFirst(2)
            }
        }
        guard !isInGroup else { throw InvalidValue("the group \"\(names.last ?? "")\" has no closing parenthesis") }
        self.elements = elements
        groupNames = names
    }

    private static func element(_ text: Substring) throws(InvalidValue) -> Element {
        switch text {
        case "??": return .anyByte
        case "..": return .anyBytes
        default:
            guard !text.contains("."), text.count == 2, let byte = try HexDigits.bytes(text).first else {
                throw InvalidValue("expected two digits for each byte, ?? for any byte, or .. for any number of bytes")
            }
            return .byte(byte)
        }
    }

    /// Matches all bytes, in time at most proportional to the product of both lengths.
    ///
    /// - Returns: the bytes of each group in hexadecimal; nil if the pattern does not match.
    func match(_ bytes: [UInt8]) -> [String: String]? {
        var (element, byte) = (0, 0)
        /// The positions after the last `..`, from which matching is retried one byte later.
        var gap: (element: Int, byte: Int)?
        /// The positions at which groups start or end, by element.
        var marks: [Int: Int] = [:]
        while element < elements.count || byte < bytes.count {
            let next = element < elements.count ? elements[element] : nil
            if next == .groupStart || next == .groupEnd {
                marks[element] = byte
                element += 1
            } else if next == .anyBytes {
                gap = (element + 1, byte)
                element += 1
            } else if let next, byte < bytes.count, next == .anyByte || next == .byte(bytes[byte]) {
                element += 1
                byte += 1
            } else if let last = gap, byte < bytes.count {
                gap = (last.element, last.byte + 1)
                (element, byte) = (last.element, last.byte + 1)
            } else {
                return nil
            }
        }
        let places = marks.sorted { $0.key < $1.key }.map(\.value)
        let values = groupNames.indices.map { index in
            var digits: [UInt8] = []
            HexDump.appendDigits(bytes[places[2 * index]..<places[2 * index + 1]], to: &digits)
            return String(decoding: digits, as: UTF8.self)
        }
        return Dictionary(uniqueKeysWithValues: zip(groupNames, values))
    }
}
