import MessageText
import NIOCore
import WebSocketProtocol

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
    /// The connections that received messages in one recording only, so that their Close is not the next event.
    private(set) var incomplete: Set<Int> = []
    /// The other recording; nil if there is none.
    private(set) var other: RecordedSession?
    /// The messages of the other recording, by the index of the entry that corresponds to them.
    private var partners: [Int: ScriptMessage] = [:]

    private typealias Received = (index: Int, message: ScriptMessage)

    /// Compares sessions.
    ///
    /// - Parameters:
    ///   - session: the session.
    ///   - other: another recording of it, if there is one with as many connections.
    init(_ session: RecordedSession, _ other: RecordedSession?) {
        guard let other, other.connections.count == session.connections.count else { return }
        self.other = other
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
            let unmatched = match(rest.section, rest.other, session.clock)
            missing.formUnion(unmatched.section.map(\.index))
            // A message that only one recording contains remains unread, so that later ones are not the next.
            let first = [
                Self.first(of: sections, with: unmatched.section), Self.first(of: otherSections, with: unmatched.other),
            ].compactMap { $0 }.min()
            guard let first else { continue }
            incomplete.insert(connection)
            unordered.formUnion(sections[first...].joined().map(\.index))
        }
    }

    /// Returns the index of the first section with one of these messages.
    private static func first(of sections: [[Received]], with messages: [Received]) -> Int? {
        let indices = Set(messages.map(\.index))
        return sections.firstIndex { $0.contains { indices.contains($0.index) } }
    }

    /// Returns the Close that a script can expect in all recordings.
    ///
    /// - Parameters:
    ///   - code: the code of the recorded Close.
    ///   - reason: its reason.
    ///   - connection: the index of the connection.
    /// - Returns: the code, nil for any, and the reason, empty for any; nil if the script cannot expect the end.
    func expectEnd(_ code: CloseCode, _ reason: String, _ connection: Int) -> (CloseCode?, reason: String)? {
        guard !incomplete.contains(connection) else { return nil }
        guard let other else { return (code, reason) }
        switch other.end(of: connection) {
        case .close(let otherCode, let otherReason, byServer: true):
            guard code == otherCode ?? .noStatusReceived else { return (nil, "") }
            return (code, reason == otherReason ? reason : "")
        case .lost: return (code == .abnormalClosure ? code : nil, "")
        default: return nil
        }
    }

    /// Returns the pattern of a binary message in which the bytes that differ are any bytes; nil if none do.
    func bytePattern(_ message: ScriptMessage, _ index: Int) -> MessagePattern? {
        guard let partner = partners[index], !message.isText, partner != message else { return nil }
        let (left, right) = (message.bytes, partner.bytes)
        func digits(_ bytes: some Collection<UInt8>) -> String { HexDump.digits(of: bytes) }
        guard left.count != right.count else {
            let places = zip(left, right).map { $0 == $1 ? digits([$0]) : "??" }
            return .bytes(Template(literal: places.joined()))
        }
        let start = zip(left, right).prefix { $0 == $1 }.count
        let rest = zip(left.dropFirst(start).reversed(), right.dropFirst(start).reversed())
        let end = rest.prefix { $0 == $1 }.count
        return .bytes(Template(literal: "\(digits(left.prefix(start)))..\(digits(left.suffix(end)))"))
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
            self.partners[section[place].index] = others[partner].message
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
