/// The time shown before a message.
package enum MessageTime {
    /// The time of day.
    case clock(Timestamp)
    /// The time since the message before, in nanoseconds.
    case delta(Int64)

    /// Returns the time in the format of a terminal, `17:03:59.042` or `+0.042`, or in that of a pipe, with the date
    /// and with microseconds.
    package func text(inPipe: Bool) -> String {
        switch self {
        case .clock(let time): return inPipe ? time.localRFC3339 : time.timeOfDay
        case .delta(let nanoseconds):
            let microseconds = max(0, nanoseconds) / 1000
            let fraction = inPipe ? microseconds % 1_000_000 : microseconds / 1000 % 1000
            return "+\(microseconds / 1_000_000).\(Timestamp.digits(Int(fraction), inPipe ? 6 : 3))"
        }
    }
}
