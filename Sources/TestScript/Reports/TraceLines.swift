import MessageText
import NIOCore

/// Formatting of test events as lines of text with time in seconds, connection, direction and content.
enum TraceLines {
    /// Returns a line for each event of a test.
    ///
    /// - Parameters:
    ///   - result: the result of the test.
    ///   - limit: the maximum number of events; later events are omitted.
    /// - Returns: the lines; empty if the events were not recorded.
    static func lines(of result: TestSuite.Result, limit: Int = .max) -> [String] {
        guard let trace = result.trace else { return [] }
        let lines = trace.events.prefix(limit).map { event in
            let name = event.connection.isEmpty ? "" : "@\(event.connection) "
            return "\(seconds(event.time - trace.start)) \(name)\(event.mark) \(result.hidingSecrets(event.words))"
        }
        let missing = trace.events.count - lines.count + trace.dropped
        return missing == 0 ? lines : lines + ["… and \(missing) more events"]
    }

    /// Returns a time in seconds with three decimal places.
    static func seconds(_ time: TimeAmount) -> String {
        let milliseconds = max(0, time.nanoseconds) / 1_000_000
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }
}
