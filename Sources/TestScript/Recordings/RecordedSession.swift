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

    private init(_ connections: [Recording]) {
        self.connections = connections
        var rules: [[Step]] = []
        var entries: [(time: Duration, entry: Entry)] = []
        for (number, recording) in connections.enumerated() {
            let heartbeats = Heartbeats(recording)
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

    /// Returns the sessions in a file.
    ///
    /// - Parameter recordings: the connections in the file. Consecutive ones with different names are those of a test.
    /// - Returns: the sessions.
    static func sessions(of recordings: [Recording]) -> [RecordedSession] {
        var groups: [[Recording]] = []
        for recording in recordings {
            if let name = recording.name, let last = groups.last, last.allSatisfy({ $0.name != nil && $0.name != name })
            {
                groups[groups.count - 1].append(recording)
            } else {
                groups.append([recording])
            }
        }
        return groups.map(RecordedSession.init)
    }
}
