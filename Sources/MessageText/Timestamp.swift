#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A wall-clock time.
package struct Timestamp {
    private let seconds: time_t
    private let microseconds: Int

    /// Creates the current time, or a time the given number of nanoseconds ago.
    package init(nanosecondsAgo ago: Int64 = 0) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let total = Int64(now.tv_sec) * 1_000_000 + (Int64(now.tv_nsec) - ago) / 1000
        seconds = time_t(total / 1_000_000)
        microseconds = Int(total % 1_000_000)
    }

    /// The local time of day, such as "17:03:59.042".
    package var timeOfDay: String {
        var seconds = seconds
        var parts = tm()
        localtime_r(&seconds, &parts)
        return Self.clock(parts) + "." + Self.digits(microseconds / 1000, 3)
    }

    /// The time in UTC (RFC 3339), such as "2026-11-23T16:03:59.042117Z".
    package var rfc3339: String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return Self.date(parts) + "." + Self.digits(microseconds, 6) + "Z"
    }

    /// The local time with its offset from UTC (RFC 3339), such as "2026-11-23T17:03:59.042117+01:00".
    package var localRFC3339: String {
        var seconds = seconds
        var parts = tm()
        localtime_r(&seconds, &parts)
        let minutes = Int(parts.tm_gmtoff) / 60
        let offset = Self.digits(abs(minutes) / 60, 2) + ":" + Self.digits(abs(minutes) % 60, 2)
        return Self.date(parts) + "." + Self.digits(microseconds, 6) + (minutes < 0 ? "-" : "+") + offset
    }

    /// Parses a time in the format of `rfc3339`.
    ///
    /// - Returns: the microseconds since 1970; nil for any other format.
    package static func microseconds(rfc3339 text: String) -> Int? {
        guard let match = text.wholeMatch(of: /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z/) else {
            return nil
        }
        let (_, year, month, day, hour, minute, second, fraction) = match.output
        func number(_ digits: Substring) -> Int32 { Int32(digits) ?? 0 }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (number(year) - 1900, number(month) - 1, number(day))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (number(hour), number(minute), number(second))
        return Int(timegm(&parts)) * 1_000_000 + Int(number(fraction))
    }

    private static func date(_ parts: tm) -> String {
        let date = "\(parts.tm_year + 1900)-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
        return date + "T" + clock(parts)
    }

    private static func clock(_ parts: tm) -> String {
        [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits(Int($0), 2) }.joined(separator: ":")
    }

    static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
