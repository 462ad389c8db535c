import NIOCore

/// The differences between a recorded session and other recordings of the same session.
///
/// The messages that a connection received between two that it sent are compared in any order, since a server may send
/// them in another order each time.
struct RecordingComparison {
    /// The indices of values that differ, by the index of the entry.
    private(set) var changed: [Int: Set<Int>] = [:]
    /// The indices of received messages that another recording does not contain.
    private(set) var missing: Set<Int> = []
    /// The indices of received messages that another recording contains in another order, or between other messages.
    var unordered: Set<Int> = []

    private typealias Received = (index: Int, message: ScriptMessage)

    /// Compares sessions.
    ///
    /// - Parameters:
    ///   - session: the session.
    ///   - others: other recordings of it.
    init(_ session: RecordedSession, _ others: [RecordedSession]) {
        for other in others where other.connections.count == session.connections.count {
            for connection in session.connections.indices {
                var sections = Self.sections(session, connection)
                var otherSections = Self.sections(other, connection)
                if sections.count != otherSections.count {
                    sections = [Array(sections.joined())]
                    otherSections = [Array(otherSections.joined())]
                }
                // A message may arrive before or after the next one that the client sends.
                var rest: (section: [Received], other: [Received]) = ([], [])
                for (section, other) in zip(sections, otherSections) {
                    let unmatched = match(section, other, session.clock)
                    rest.section += unmatched.section
                    rest.other += unmatched.other
                }
                missing.formUnion(match(rest.section, rest.other, session.clock).section.map(\.index))
            }
        }
    }

    /// Returns the received messages of a connection, divided at those that it sent.
    private static func sections(_ session: RecordedSession, _ connection: Int) -> [[Received]] {
        var sections: [[Received]] = [[]]
        for (index, entry) in session.entries.enumerated() where entry.connection == connection {
            switch entry.event {
            case .message(.received, let message): sections[sections.count - 1].append((index, message))
            case .message(.sent, _): sections.append([])
            default: break
            }
        }
        return sections
    }

    /// Finds the partner of each message, and notes the differences.
    ///
    /// - Returns: the messages without a partner.
    private mutating func match(
        _ section: [Received],
        _ others: [Received],
        _ clock: SessionClock
    ) -> (section: [Received], other: [Received]) {
        var partners = [Int?](repeating: nil, count: section.count)
        var unmatched = Set(others.indices)
        // Messages with the same lasting values belong together, and then those with the same places for values.
        for keepsValues in [true, false] {
            func key(_ message: ScriptMessage) -> String { Self.key(message, clock, keepsValues: keepsValues) }
            var free: [String: [Int]] = [:]
            for place in unmatched.sorted(by: >) { free[key(others[place].message), default: []].append(place) }
            for place in section.indices where partners[place] == nil {
                guard let partner = free[key(section[place].message)]?.popLast() else { continue }
                partners[place] = partner
                unmatched.remove(partner)
            }
        }
        for (place, partner) in partners.enumerated() {
            guard let partner else { continue }
            let changes = Self.changes(section[place].message, others[partner].message)
            if !changes.isEmpty { changed[section[place].index, default: []].formUnion(changes) }
        }
        if partners != Array(others.indices) { unordered.formUnion(section.map(\.index)) }
        return (
            section.indices.filter { partners[$0] == nil }.map { section[$0] }, unmatched.sorted().map { others[$0] }
        )
    }

    /// Returns a text that is the same for messages that differ only in values, or only in volatile values.
    private static func key(_ message: ScriptMessage, _ clock: SessionClock, keepsValues: Bool) -> String {
        let kind = message.isText ? "text" : "binary"
        guard let pieces = MessagePieces(message, isCompact: true) else {
            return keepsValues ? "\(kind) \(Array(message.payload.readableBytesView))" : kind
        }
        return kind + pieces.source { value, _ in !keepsValues || VolatileText.isVolatile(value, clock) ? .any : nil }
    }

    private static func changes(_ message: ScriptMessage, _ other: ScriptMessage) -> Set<Int> {
        guard let values = MessagePieces(message, isCompact: true)?.values,
            let others = MessagePieces(other, isCompact: true)?.values
        else { return [] }
        return Set(zip(values, others).enumerated().filter { $1.0.text != $1.1.text }.map(\.offset))
    }
}
