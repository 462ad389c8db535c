import NIOCore

/// A check that a script made from a recording accepts the messages of that or another recording.
struct TrafficCheck {
    /// A statement of the script, with the name of its connection and the number of its line.
    typealias Line = (connection: String, step: Step, number: Int)

    /// The maximum number of messages to compare; longer recordings are not checked to the end.
    private static let limit = 100_000

    private var messages: [String: CircularBuffer<ScriptMessage>] = [:]
    private var variables = Variables(given: [:])
    private var closing: Set<String> = []
    private var comparisons = 0

    /// Creates a check.
    ///
    /// - Parameters:
    ///   - session: the recorded session.
    ///   - values: the values that it has for the variables that the script generates.
    init(_ session: RecordedSession, values: [String: String]) {
        for entry in session.entries {
            guard case .message(.received, let message) = entry.event else { continue }
            messages[session.name(of: entry.connection), default: []].append(message)
        }
        for (name, value) in values { _ = variables.capture(name, value) }
    }

    /// Returns the number of the first line that does not accept the messages; nil if all do.
    mutating func fault(in lines: [Line]) async -> Int? {
        for line in lines where comparisons < Self.limit {
            switch line.step {
            case .expect(let pattern):
                guard await take(pattern, line.connection, onlyNext: true) else { return line.number }
            case .expectInAnyOrder(let pattern):
                guard await take(pattern, line.connection, onlyNext: false) else { return line.number }
            case .close: closing.insert(line.connection)
            case .expectClose where !closing.contains(line.connection):
                guard messages[line.connection]?.isEmpty != false else { return line.number }
            default: break
            }
        }
        return nil
    }

    /// Removes the first message that matches; returns false if there is none.
    private mutating func take(_ pattern: MessagePattern, _ connection: String, onlyNext: Bool) async -> Bool {
        guard let matcher = try? MessageMatcher(pattern, variables, folder: ""), let waiting = messages[connection]
        else { return false }
        for (offset, message) in waiting.enumerated() {
            comparisons += 1
            if case .matched(let captures) = await matcher.match(message, within: .seconds(1)) {
                for (name, value) in captures { _ = variables.capture(name, value) }
                messages[connection]?.remove(at: waiting.index(waiting.startIndex, offsetBy: offset))
                return true
            }
            if onlyNext || comparisons >= Self.limit { break }
        }
        return comparisons >= Self.limit
    }
}
