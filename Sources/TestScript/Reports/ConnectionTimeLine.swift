import MessageText
import NIOCore

/// The HTML timeline of one connection, with a dot on the time axis and a row for each event.
struct ConnectionTimeLine {
    let html: String

    /// Returns the timelines of a test's connections, in the order in which they were opened.
    ///
    /// - Parameters:
    ///   - result: the result of the test.
    ///   - limit: the maximum number of events of all connections together.
    /// - Returns: the timelines; empty if the events were not recorded.
    static func all(of result: TestSuite.Result, limit: Int) -> [ConnectionTimeLine] {
        guard let trace = result.trace, let last = trace.events.last else { return [] }
        let shown = trace.events.prefix(limit)
        let missing = trace.events.count - shown.count + trace.dropped
        let length = max(1, (last.time - trace.start).nanoseconds)
        var names: [String] = []
        for event in shown where !names.contains(event.connection) { names.append(event.connection) }
        return names.enumerated().map { index, name in
            let events = shown.filter { $0.connection == name }
            let isLast = index == names.count - 1
            return ConnectionTimeLine(events, name, trace.start, length, missing: isLast ? missing : 0, result)
        }
    }

    private init(
        _ events: [TestTrace.Event],
        _ name: String,
        _ start: NIODeadline,
        _ length: Int64,
        missing: Int,
        _ result: TestSuite.Result
    ) {
        let dots = events.map { event in
            let thousandths = 1000 * (event.time - start).nanoseconds / length
            let title = HTMLReport.escaped("\(TraceLines.seconds(event.time - start)) s \(event.mark)")
            return
                "<i class=\"\(Self.kind(of: event))\" style=\"left:\(thousandths / 10).\(thousandths % 10)%\" title=\"\(title)\"></i>"
        }
        let rows = events.map { event in
            let words = HTMLReport.escaped(VisibleText.line(result.hidingSecrets(event.words)))
            return "<tr class=\"\(Self.kind(of: event))\"><td>\(TraceLines.seconds(event.time - start))</td>"
                + "<td>\(Self.arrow(of: event))</td><td>\(words)</td></tr>\n"
        }
        let more = missing == 0 ? "" : "<p>… and \(missing) more events</p>\n"
        let title = name.isEmpty ? "connection" : "@" + HTMLReport.escaped(name)
        html =
            "<h2>\(title)</h2>\n<div class=\"track\">\(dots.joined())</div>\n<table>\n\(rows.joined())</table>\n\(more)"
    }

    /// Returns the CSS class of an event's dot and row.
    private static func kind(of event: TestTrace.Event) -> String {
        switch event.mark {
        case ">": "sent"
        case "<": "received"
        default: "note"
        }
    }

    private static func arrow(of event: TestTrace.Event) -> String {
        switch event.mark {
        case ">": "→"
        case "<": "←"
        default: "·"
        }
    }
}
