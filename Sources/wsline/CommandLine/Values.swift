import MessageText
import TestScript

/// A time in seconds, or "inf" for no limit.
enum WaitTime: Equatable, Sendable {
    case seconds(Seconds)
    case infinite

    /// Parses a time.
    ///
    /// - Throws: `InvalidValue` for anything else.
    init(_ argument: String) throws(InvalidValue) {
        if argument == "inf" {
            self = .infinite
        } else if let seconds = try? Seconds(argument) {
            self = .seconds(seconds)
        } else {
            throw InvalidValue("it is a number of seconds from 0 on, such as 2.5, or inf for no end")
        }
    }
}
