import MessageText

/// A type that finds the values in recorded JSON messages that change from session to session, and their origin.
///
/// A value that the client repeats after the server has sent it is captured from the server's message. Other values
/// from the server become wildcards if they look like identifiers, times or random tokens, or if they differ between
/// two recordings.
struct Correlation {
    typealias Value = JSONPieces.Value

    private struct Key: Hashable {
        let text: String
        let isString: Bool

        init(_ value: Value) {
            (text, isString) = (value.text, value.isString)
        }
    }

    /// The names of the variables for captured values.
    private var names: [Key: String] = [:]
    /// The values that the client sent first.
    private var ownValues: Set<Key> = []
    /// The statements that generate the client's values.
    private(set) var definitions: [Step] = []
    /// The indices of values that differ between two recordings, by event index.
    private var differences: [Int: Set<Int>] = [:]
    private let start: Int
    /// The captured values whose capturing statement has been written.
    private var captured: Set<Key> = []

    private static let captureLimit = 1000

    /// Finds the changing values of a session.
    ///
    /// - Parameters:
    ///   - recording: the session.
    ///   - heartbeats: the indices of events to ignore.
    ///   - other: another recording of the same session; nil if there is none.
    init(_ recording: Recording, without heartbeats: Set<Int> = [], comparedWith other: Recording? = nil) {
        start = recording.start
        // The member name under which the server first sent each value.
        var seen: [Key: String] = [:]
        for (index, (_, event)) in recording.events.enumerated() where !heartbeats.contains(index) {
            guard case .message(let direction, let message) = event, let pieces = Self.pieces(message) else { continue }
            for value in pieces.values {
                let key = Key(value)
                switch direction {
                case .received: seen[key] = seen[key] ?? value.name
                case .sent where seen[key] == nil:
                    if ownValues.insert(key).inserted { define(value, key) }
                case .sent:
                    if ownValues.contains(key) || names[key] != nil || !Self.isDistinctive(value) { continue }
                    if names.count < Self.captureLimit { names[key] = Self.name(seen[key] ?? "", Set(names.values)) }
                }
            }
        }
        if let other { compare(recording, other) }
    }

    /// Adds a statement that generates an identifier or time of the client in each run.
    private mutating func define(_ value: Value, _ key: Key) {
        guard names.count < Self.captureLimit, !Redaction.isSecret(value.name), let function = function(for: value),
            let template = try? Template(function)
        else { return }
        let name = Self.name(value.name, Set(names.values))
        names[key] = name
        captured.insert(key)
        definitions.append(.set(name, .text(template)))
    }

    private func function(for value: Value) -> String? {
        if value.isString {
            return VolatileText.isUUID(value.text) ? "${uuid()}" : VolatileText.isTime(value.text) ? "${now()}" : nil
        }
        guard isTime(value.text) else { return nil }
        return switch value.text.utf8.count {
        case 10: "${unix()}"
        case 13: "${unixMs()}"
        default: nil
        }
    }

    private static func pieces(_ message: ScriptMessage) -> JSONPieces? {
        message.isText ? JSONPieces(message.text, isCompact: true) : nil
    }

    private mutating func compare(_ recording: Recording, _ other: Recording) {
        let others = other.events.compactMap { event in
            if case .message(.received, let message) = event.event { Optional(message) } else { nil }
        }
        var number = 0
        for (index, (_, event)) in recording.events.enumerated() {
            guard case .message(.received, let message) = event else { continue }
            defer { number += 1 }
            guard number < others.count, let values = Self.pieces(message)?.values,
                let otherValues = Self.pieces(others[number])?.values, values.map(\.name) == otherValues.map(\.name)
            else { continue }
            let changed = values.indices.filter { Key(values[$0]) != Key(otherValues[$0]) }
            if !changed.isEmpty { differences[index] = Set(changed) }
        }
    }

    // MARK: Statements

    /// Returns the statement that sends a message, with variables in place of captured values.
    func sending(_ message: ScriptMessage) -> Step? {
        guard message.isText, let pieces = JSONPieces(message.text, isCompact: false) else { return nil }
        let isCaptured = pieces.values.contains { captured.contains(Key($0)) }
        guard isCaptured else { return nil }
        let source = pieces.source { value, _ in reference(value) }
        return (try? Template(source)).map { .send(.text($0)) }
    }

    /// Returns the statement that expects a message, with its changing values replaced; nil if it has none.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - index: the index of the event.
    /// - Returns: the statement.
    mutating func expecting(_ message: ScriptMessage, _ index: Int) -> Step? {
        guard let pieces = Self.pieces(message) else { return nil }
        var isChanged = false
        var new: Set<Key> = []
        let source = pieces.source { value, place in
            let key = Key(value)
            let replacement: String?
            if let name = names[key] {
                if captured.contains(key) || new.contains(key) {
                    // A pattern cannot use a variable that it captures itself.
                    replacement = captured.contains(key) ? reference(value) : "*"
                } else {
                    new.insert(key)
                    replacement = "*\(name)"
                }
            } else {
                let isVolatile = differences[index]?.contains(place) == true || isVolatile(value)
                replacement = isVolatile && !ownValues.contains(key) ? "*" : nil
            }
            if replacement != nil { isChanged = true }
            return replacement
        }
        captured.formUnion(new)
        guard isChanged else { return nil }
        return (try? Template(source)).map { .expect(.json($0)) }
    }

    private func reference(_ value: Value) -> String? {
        guard let name = names[Key(value)], captured.contains(Key(value)) else { return nil }
        return value.isString ? "\"${\(name)}\"" : "${\(name)}"
    }

    // MARK: Kinds of values

    /// Returns whether a value is unlikely to be repeated by chance.
    private static func isDistinctive(_ value: Value) -> Bool {
        guard value.isString else { return value.text.count { $0.isNumber } >= 4 }
        return value.text.utf8.count >= 12 || value.text.utf8.count >= 4 && value.text.contains(where: \.isNumber)
    }

    /// Returns whether a value from the server is likely to change in the next session.
    private func isVolatile(_ value: Value) -> Bool {
        guard value.isString else { return isTime(value.text) }
        return value.text.utf8.count <= 4096 && (VolatileText.matches(value.text) || isTime(value.text))
    }

    private static let day = 86_400_000_000.0

    /// Returns whether a number is a Unix time within a day of the recording, in seconds, milli- or microseconds.
    private func isTime(_ digits: String) -> Bool {
        guard digits.utf8.count >= 10, let number = Double(digits), start > 0 else { return false }
        return [1e6, 1e3, 1].contains { abs(number * $0 - Double(start)) < Self.day }
    }

    private static func name(_ member: String, _ used: Set<String>) -> String {
        let letters = member.unicodeScalars.filter { $0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0) }
        let short = String(String.UnicodeScalarView(letters.prefix(30)))
        // Captured values take precedence over the environment, so any valid variable name is safe.
        let base = Template.isName(short) ? short : "value"
        guard used.contains(base) else { return base }
        var number = 2
        while used.contains("\(base)\(number)") { number += 1 }
        return "\(base)\(number)"
    }
}

/// Detection of strings that are generated for each session.
enum VolatileText {
    private static let shortestToken = 16

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

    /// Returns whether a text is a long word that contains a digit and often switches between cases and digits.
    private static func isToken(_ text: String) -> Bool {
        guard text.utf8.count >= shortestToken, text.utf8.allSatisfy({ Self.kind(of: $0) != nil }) else { return false }
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
