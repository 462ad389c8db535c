import _StringProcessing

/// A set of characters, written as a regular expression for one character, such as `[a-z]`, `\w` or `(?i)k`.
///
/// Swift's `Regex` decides about each character, so that both matchers have the same meaning; it can't backtrack here.
struct CharacterClass: Sendable {
    // Regex is not Sendable because it may hold closures. One made from text holds none and never changes.
    nonisolated(unsafe) private let regex: Regex<AnyRegexOutput>
    /// A bit for each ASCII character.
    private let low: UInt64
    private let high: UInt64

    /// Creates a set.
    ///
    /// - Throws: the error of `Regex`.
    init(_ source: String) throws {
        let regex = try Regex(source)
        func bits(from first: UInt8) -> UInt64 {
            (0..<64).reduce(0) { bits, index in
                let text = String(Unicode.Scalar(first + UInt8(index)))
                return (try? regex.wholeMatch(in: text)) == nil ? bits : bits | 1 << UInt64(index)
            }
        }
        low = bits(from: 0)
        high = bits(from: 64)
        self.regex = regex
    }

    func contains(ascii byte: UInt8) -> Bool {
        (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }

    func contains(_ character: Character) -> Bool { (try? regex.wholeMatch(in: String(character))) != nil }
}
