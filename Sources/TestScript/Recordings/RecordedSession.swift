/// The recorded connections of one test, with their events in one order.
struct RecordedSession {
    /// An event of a connection.
    struct Entry {
        /// The index of the connection.
        let connection: Int
        /// The event; nil for the opening of the connection.
        let event: Recording.Event?
    }

    let connections: [Recording]
    /// The rules of each connection in place of its heartbeats, which are not among the entries.
    let rules: [[Step]]
    let entries: [Entry]

    var clock: SessionClock { SessionClock(start: connections.first?.start ?? 0) }

    /// Creates a session.
    ///
    /// - Parameters:
    ///   - connections: its connections.
    ///   - others: the same connections in another recording; empty if there is none.
    private init(_ connections: [Recording], _ others: [Recording]) {
        self.connections = connections
        var rules: [[Step]] = []
        var entries: [(time: Duration, entry: Entry)] = []
        for (number, recording) in connections.enumerated() {
            let heartbeats = Heartbeats(recording, known: others.isEmpty ? nil : Heartbeats(others[number]))
            rules.append(heartbeats.steps)
            let start = Duration.microseconds(recording.start)
            entries.append((start, Entry(connection: number, event: nil)))
            // The clock may have been set back, but the events of a connection are in order.
            var latest = start
            for (index, (offset, event)) in recording.events.enumerated() {
                latest = max(latest, start + offset)
                guard !heartbeats.events.contains(index) else { continue }
                entries.append((latest, Entry(connection: number, event: event)))
            }
        }
        if connections.count > 1 {
            let order = entries.indices.sorted { (entries[$0].time, $0) < (entries[$1].time, $1) }
            entries = order.map { entries[$0] }
        }
        self.rules = rules
        self.entries = entries.map(\.entry)
    }

    /// Returns the name of a connection in a script; empty for the only one of a test.
    func name(of connection: Int) -> String { connections.count > 1 ? connections[connection].name ?? "" : "" }

    /// Returns the last event of a connection, if that is its end.
    func end(of connection: Int) -> Recording.Event? {
        let last = entries.last { $0.connection == connection }
        return switch last?.event {
        case .close, .lost, .violation, .refused: last?.event
        case .message, .ping, .pong, nil: nil
        }
    }

    /// The outcomes of the opening handshakes.
    var outcomes: [Recording.Outcome] { connections.map(\.outcome) }

    /// Returns the status with which the server refused a connection.
    func status(of connection: Int) -> Int? {
        if case .refused(let status) = end(of: connection) { status } else { nil }
    }

    /// Returns the messages that a connection has sent, without answers to heartbeats.
    func sent(on connection: Int) -> [ScriptMessage] {
        entries.compactMap { entry in
            guard entry.connection == connection, case .message(.sent, let message) = entry.event else { return nil }
            return message
        }
    }

    /// Returns the sessions in a file.
    ///
    /// - Parameters:
    ///   - recordings: the connections in the file.
    ///   - others: the connections in another recording of the same sessions.
    /// - Returns: the sessions.
    static func sessions(of recordings: [Recording], comparedWith others: [Recording] = []) -> [RecordedSession] {
        let others = groups(of: others)
        return groups(of: recordings).enumerated().map { number, group in
            let isComparable = number < others.count && others[number].count == group.count
            return RecordedSession(group, isComparable ? others[number] : [])
        }
    }

    /// Returns the connections of each session: consecutive ones with different names are those of a test.
    private static func groups(of recordings: [Recording]) -> [[Recording]] {
        var groups: [[Recording]] = []
        for recording in recordings {
            if let name = recording.name, let last = groups.last, last.allSatisfy({ $0.name != nil && $0.name != name })
            {
                groups[groups.count - 1].append(recording)
            } else {
                groups.append([recording])
            }
        }
        return groups
    }
}
