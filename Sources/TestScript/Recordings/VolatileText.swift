import MessageText

/// The time of a recording, to recognize times in its messages.
struct SessionClock {
    /// Microseconds since 1970.
    let start: Int

    private static let day = 86_400_000_000.0

    /// Returns whether a number is a Unix time within a day of the recording, in seconds, milli- or microseconds.
    func isTime(_ digits: String) -> Bool {
        guard digits.utf8.count >= 10, let number = Double(digits), start > 0 else { return false }
        return [1e6, 1e3, 1].contains { abs(number * $0 - Double(start)) < Self.day }
    }
}

/// Detection of strings that are generated for each session.
enum VolatileText {
    private static let shortestToken = 16

    private static let lengthLimit = 4096

    /// Returns whether a value from the server is likely to change in the next session.
    static func isVolatile(_ value: MessagePieces.Value, _ clock: SessionClock) -> Bool {
        guard value.isString else { return clock.isTime(value.text) }
        return value.text.utf8.count <= lengthLimit && (matches(value.text) || clock.isTime(value.text))
    }

    /// Returns whether a text is a UUID or a time, or looks like a random token.
    static func matches(_ text: String) -> Bool {
        isUUID(text) || isTime(text) || isToken(text)
    }

    static func isUUID(_ text: String) -> Bool {
        text.wholeMatch(of: /(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/) != nil
    }

    /// Returns whether a text is a time in RFC 3339 format.
    static func isTime(_ text: String) -> Bool {
        text.prefixMatch(of: /\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d/) != nil && text.utf8.count <= 40
    }

    /// Returns the time in RFC 3339 format at the start of a text; nil if there is none.
    static func leadingTime(of text: Substring) -> Substring? {
        let time = /\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[-+]\d\d:\d\d)?/
        return text.prefixMatch(of: time).map { text[$0.range] }
    }

    /// Returns whether a text is a long word that contains a number of 64 bits or more, or that contains a digit and often
    /// switches between cases and digits.
    private static func isToken(_ text: String) -> Bool {
        guard text.utf8.count >= shortestToken, text.utf8.allSatisfy({ Self.kind(of: $0) != nil }) else { return false }
        guard !text.contains(/[0-9]{16}/) else { return true }
        let kinds = text.utf8.compactMap(Self.kind).filter { $0 != .mark }
        let changes = zip(kinds, kinds.dropFirst()).count { $0 != $1 }
        return kinds.contains(.digit) && changes * 5 >= text.utf8.count
    }

    private enum Kind {
        case letter, capital, digit, mark
    }

    private static func kind(of byte: UInt8) -> Kind? {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): .letter
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): .capital
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="),
            UInt8(ascii: "."):
            .mark
        default: nil
        }
    }
}
