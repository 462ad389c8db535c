import MessageText

/// A type that finds the values in recorded messages that change from session to session, and their origin.
///
/// A value that the client repeats after the server has sent it is captured from the server's message. Other values
/// from the server become wildcards if they look like identifiers, times or random tokens, or if they differ between
/// recordings.
struct Correlation {
    typealias Value = MessagePieces.Value

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
    private let comparison: RecordingComparison
    private let clock: SessionClock
    /// The captured values whose capturing statement has been written.
    private var captured: Set<Key> = []

    private static let captureLimit = 1000

    /// Finds the changing values of a session.
    ///
    /// - Parameters:
    ///   - session: the session.
    ///   - comparison: its differences from other recordings.
    init(_ session: RecordedSession, _ comparison: RecordingComparison) {
        self.comparison = comparison
        clock = session.clock
        // The name of the place where the server first sent each value.
        var seen: [Key: String] = [:]
        for entry in session.entries {
            guard case .message(let direction, let message) = entry.event,
                let pieces = MessagePieces(message, isCompact: true)
            else { continue }
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

    /// Returns the values that a recording has for the variables that the script generates.
    ///
    /// - Parameters:
    ///   - other: the recording.
    ///   - session: the session that the script repeats.
    /// - Returns: the values by the names of the variables.
    func generated(in other: RecordedSession, like session: RecordedSession) -> [String: String] {
        var values: [String: String] = [:]
        for connection in session.connections.indices {
            for (message, other) in zip(session.sent(on: connection), other.sent(on: connection)) {
                let pieces = [message, other].compactMap { MessagePieces($0, isCompact: true)?.values }
                guard pieces.count == 2, pieces[0].count == pieces[1].count else { continue }
                for (value, other) in zip(pieces[0], pieces[1]) where ownValues.contains(Key(value)) {
                    if let name = names[Key(value)] { values[name] = values[name] ?? other.text }
                }
            }
        }
        return values
    }

    private func function(for value: Value) -> String? {
        if value.isString {
            return VolatileText.isUUID(value.text) ? "${uuid()}" : VolatileText.isTime(value.text) ? "${now()}" : nil
        }
        guard clock.isTime(value.text) else { return nil }
        return switch value.text.utf8.count {
        case 10: "${unix()}"
        case 13: "${unixMs()}"
        default: nil
        }
    }

    // MARK: Statements

    /// Returns the statement that sends a message, with variables in place of captured values; nil if a text has none.
    func sending(_ message: ScriptMessage) -> Step? {
        guard let pieces = MessagePieces(message, isCompact: false),
            !message.isText || pieces.values.contains(where: { captured.contains(Key($0)) }),
            let source = try? Template(pieces.source { value, _ in variable(value) })
        else { return nil }
        return .send(message.isText ? .text(source) : .bytes(source))
    }

    /// Returns the statement that expects a message, with its changing values replaced; nil if a text has none.
    ///
    /// - Parameters:
    ///   - message: the message.
    ///   - index: the index of its entry in the session.
    ///   - statement: returns the statement for a pattern; nil if a script cannot contain it.
    /// - Returns: the statement.
    mutating func expecting(
        _ message: ScriptMessage,
        _ index: Int,
        _ statement: (MessagePattern) -> Step?
    ) -> Step? {
        guard let pieces = MessagePieces(message, isCompact: true) else {
            return comparison.bytePattern(message, index).flatMap(statement)
        }
        var isChanged = false
        var new: Set<Key> = []
        let pattern = pieces.pattern { value, place in
            let replacement = replacement(value, isChanged: comparison.changed[index]?.contains(place) == true, &new)
            if replacement != nil { isChanged = true }
            return replacement
        }
        let isWritten = isChanged || !message.isText || pieces.isJSON && comparison.unordered.contains(index)
        guard isWritten, let step = pattern.flatMap(statement) else { return nil }
        captured.formUnion(new)
        return step
    }

    private func replacement(_ value: Value, isChanged: Bool, _ new: inout Set<Key>) -> MessagePieces.Replacement? {
        let key = Key(value)
        guard let name = names[key] else {
            let isVolatile = isChanged || VolatileText.isVolatile(value, clock)
            return isVolatile && !ownValues.contains(key) ? .any : nil
        }
        if captured.contains(key) { return .variable(name) }
        // A pattern cannot use a variable that it captures itself.
        return new.insert(key).inserted ? .capture(name) : .any
    }

    private func variable(_ value: Value) -> MessagePieces.Replacement? {
        captured.contains(Key(value)) ? names[Key(value)].map { .variable($0) } : nil
    }

    // MARK: Kinds of values

    /// Returns whether a value is unlikely to be repeated by chance.
    private static func isDistinctive(_ value: Value) -> Bool {
        guard value.isString else { return value.text.count { $0.isNumber } >= 4 }
        return value.kind == .string && value.text.utf8.count >= 12
            || value.text.utf8.count >= 4 && value.text.contains(where: \.isNumber)
    }

    private static func name(_ member: String, _ used: Set<String>) -> String {
        let letters = member.unicodeScalars.filter { $0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0) }
        let short = String(String.UnicodeScalarView(letters.prefix(30)))
        // Captured values take precedence over the environment, so any valid variable name is safe.
        // The name of a group in a regular expression cannot begin with a digit.
        let isValid = Template.isName(short) && short.first?.isNumber == false
        let base = isValid ? short : "value"
        guard used.contains(base) else { return base }
        var number = 2
        while used.contains("\(base)\(number)") { number += 1 }
        return "\(base)\(number)"
    }
}
