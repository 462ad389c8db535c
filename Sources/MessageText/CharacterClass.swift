import _StringProcessing

/// A set of characters.
struct CharacterClass: Sendable {
    private let test: @Sendable (Character) -> Bool
    /// A bit for each ASCII character.
    private let low: UInt64
    private let high: UInt64

    private init(_ test: @escaping @Sendable (Character) -> Bool) {
        func bits(from first: UInt8) -> UInt64 {
            (0..<64).reduce(0) { bits, index in
                test(Character(Unicode.Scalar(first + UInt8(index)))) ? bits | 1 << UInt64(index) : bits
            }
        }
        self.test = test
        low = bits(from: 0)
        high = bits(from: 64)
    }

    /// Creates a set from a regular expression for one character, such as `[a-z]`, `\w` or `(?i)k`.
    ///
    /// Swift's `Regex` decides about each character, so that both matchers have the same meaning; it can't backtrack here.
    ///
    /// - Throws: the error of `Regex`.
    init(_ source: String) throws {
        // Regex is not Sendable because it may hold closures. One made from text holds none and never changes.
        nonisolated(unsafe) let regex = try Regex(source)
        self.init { (try? regex.wholeMatch(in: String($0))) != nil }
    }

    /// Creates a set of characters that are one Unicode scalar each.
    init(_ scalars: ScalarSet) {
        self.init { $0.unicodeScalars.count == 1 && $0.unicodeScalars.allSatisfy(scalars.contains) }
    }

    func contains(ascii byte: UInt8) -> Bool {
        (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }

    func contains(_ character: Character) -> Bool { test(character) }
}
