/// An incremental UTF-8 validator (RFC 3629) that detects the first invalid byte as soon as it arrives.
public struct UTF8Validator: Sendable {
    /// The number of continuation bytes that the current character still needs.
    private var needed = 0
    /// The valid range of the next continuation byte, narrower than 80–BF after lead bytes that could otherwise start
    /// an overlong form, a surrogate or a code point beyond U+10FFFF.
    private var allowed: ClosedRange<UInt8> = 0x80...0xBF

    /// Creates a validator for a new text.
    public init() {}

    /// Whether the text so far ends at a character boundary.
    public var isComplete: Bool { needed == 0 }

    /// Checks the next bytes of the text.
    ///
    /// - Parameter bytes: the next bytes, which may be split anywhere.
    /// - Returns: the index of the first invalid byte in `bytes`; nil if there is none. Don't use the validator again
    ///   after a failure.
    public mutating func firstInvalid(in bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        let count = bytes.count
        while index < count {
            if needed == 0 {
                index = endOfASCII(in: bytes, from: index)
                if index == count { return nil }
                guard begin(bytes[index]) else { return index }
            } else {
                guard allowed.contains(bytes[index]) else { return index }
                needed -= 1
                allowed = 0x80...0xBF
            }
            index &+= 1
        }
        return nil
    }

    /// Checks a complete text.
    ///
    /// - Returns: the index of the first invalid byte; the length of a text that ends inside a character; nil for valid
    ///   UTF-8.
    public static func firstInvalid(inText text: UnsafeRawBufferPointer) -> Int? {
        var validator = UTF8Validator()
        return validator.firstInvalid(in: text) ?? (validator.isComplete ? nil : text.count)
    }

    /// Starts a character with a lead byte that is not ASCII; returns false for an invalid one.
    private mutating func begin(_ lead: UInt8) -> Bool {
        switch lead {
        case 0xC2...0xDF: needed = 1
        case 0xE0: (needed, allowed) = (2, 0xA0...0xBF)
        case 0xED: (needed, allowed) = (2, 0x80...0x9F)
        case 0xE1...0xEF: needed = 2
        case 0xF0: (needed, allowed) = (3, 0x90...0xBF)
        case 0xF1...0xF3: needed = 3
        case 0xF4: (needed, allowed) = (3, 0x80...0x8F)
        default: return false
        }
        return true
    }

    private func endOfASCII(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let highBits: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index &+ 32 <= bytes.count {
            let words =
                bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                | bytes.loadUnaligned(fromByteOffset: index &+ 8, as: UInt64.self)
                | bytes.loadUnaligned(fromByteOffset: index &+ 16, as: UInt64.self)
                | bytes.loadUnaligned(fromByteOffset: index &+ 24, as: UInt64.self)
            if words & highBits != 0 { break }
            index &+= 32
        }
        while index &+ 8 <= bytes.count {
            if bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & highBits != 0 { break }
            index &+= 8
        }
        while index < bytes.count, bytes[index] < 0x80 { index &+= 1 }
        return index
    }
}
