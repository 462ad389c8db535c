/// Indents a JSON text token by token: numbers, strings and the order of keys stay as they are, to the letter.
package struct JSONFormatter {
    /// What a token is, for its colour.
    package enum Token {
        case key, string, number, word, punctuation
    }

    private let bytes: UnsafeRawBufferPointer
    private var index = 0
    /// Whether each value that is open is an object; the innermost is last.
    private var open: [Bool] = []
    private let emit: (Token, UnsafeRawBufferPointer) -> Void
    private let newline: (_ depth: Int) -> Void

    /// Formats a text.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - newline: begins a row that is indented so many steps.
    ///   - emit: appends a token.
    /// - Returns: false when the text is no JSON (RFC 8259) object or array; part of it may have been emitted.
    package static func format(
        _ bytes: UnsafeRawBufferPointer,
        newline: (_ depth: Int) -> Void,
        emit: (Token, UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        withoutActuallyEscaping(newline) { newline in
            withoutActuallyEscaping(emit) { emit in
                var formatter = JSONFormatter(bytes: bytes, emit: emit, newline: newline)
                return formatter.run()
            }
        }
    }

    private init(
        bytes: UnsafeRawBufferPointer,
        emit: @escaping (Token, UnsafeRawBufferPointer) -> Void,
        newline: @escaping (Int) -> Void
    ) {
        self.bytes = bytes
        self.emit = emit
        self.newline = newline
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private mutating func punctuation(_ count: Int = 1, then rest: StaticString = "") {
        emit(.punctuation, UnsafeRawBufferPointer(rebasing: bytes[index..<index + count]))
        index += count
        if rest.utf8CodeUnitCount > 0 {
            emit(.punctuation, UnsafeRawBufferPointer(start: rest.utf8Start, count: rest.utf8CodeUnitCount))
        }
    }

    private mutating func run() -> Bool {
        skipSpace()
        guard let first = next, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return false }
        guard value() else { return false }
        while let isObject = open.last {
            skipSpace()
            switch next {
            case UInt8(ascii: ","):
                punctuation()
                newline(open.count)
                guard member(of: isObject) else { return false }
            case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
                open.removeLast()
                newline(open.count)
                punctuation()
            default:
                return false
            }
        }
        skipSpace()
        return index == bytes.count
    }

    /// A value, or the beginning of one that has others in it, as far as the first of these.
    private mutating func value() -> Bool {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let isObject = next == UInt8(ascii: "{")
            punctuation()
            skipSpace()
            if next == UInt8(ascii: isObject ? "}" : "]") {
                punctuation()
                return true
            }
            open.append(isObject)
            newline(open.count)
            return member(of: isObject)
        case UInt8(ascii: "\""): return string(.string)
        case UInt8(ascii: "t"): return word("true")
        case UInt8(ascii: "f"): return word("false")
        case UInt8(ascii: "n"): return word("null")
        default: return number()
        }
    }

    private mutating func member(of isObject: Bool) -> Bool {
        guard isObject else { return value() }
        skipSpace()
        guard string(.key) else { return false }
        skipSpace()
        guard next == UInt8(ascii: ":") else { return false }
        punctuation(then: " ")
        return value()
    }

    private mutating func string(_ token: Token) -> Bool {
        guard next == UInt8(ascii: "\"") else { return false }
        let start = index
        index += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                emit(token, UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
                return true
            case UInt8(ascii: "\\"):
                guard index + 1 < bytes.count, Self.isEscape(bytes[index + 1]) else { return false }
                index += 2
            case 0..<0x20: return false
            default: index += 1
            }
        }
        return false
    }

    private static func isEscape(_ byte: UInt8) -> Bool { "\"\\/bfnrtu".utf8.contains(byte) }

    private mutating func word(_ word: String) -> Bool {
        guard bytes[index...].starts(with: word.utf8) else { return false }
        emit(.word, UnsafeRawBufferPointer(rebasing: bytes[index..<index + word.utf8.count]))
        index += word.utf8.count
        return true
    }

    private mutating func digits() -> Bool {
        let start = index
        while let byte = next, UInt8(ascii: "0") <= byte, byte <= UInt8(ascii: "9") { index += 1 }
        return index > start
    }

    private mutating func number() -> Bool {
        let start = index
        if next == UInt8(ascii: "-") { index += 1 }
        if next == UInt8(ascii: "0") { index += 1 } else if !digits() { return false }
        if next == UInt8(ascii: ".") {
            index += 1
            guard digits() else { return false }
        }
        if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
            index += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
            guard digits() else { return false }
        }
        emit(.number, UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
        return true
    }
}
