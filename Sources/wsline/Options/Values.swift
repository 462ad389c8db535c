import ArgumentParser
import NIOCore
import WebSocketProtocol

/// A time in seconds, with a fraction if need be.
struct Seconds: ExpressibleByArgument {
    let value: Double

    /// What a day has and then some; longer is as good as for ever, and overflows nothing.
    private static let maximum: Double = 1e9

    static let defaultConnectTimeout = Seconds(value: 10)
    static let defaultCloseTimeout = Seconds(value: 5)
    static let defaultExpectTimeout = Seconds(value: 10)

    private init(value: Double) {
        self.value = value
    }

    init?(argument: String) {
        guard let value = Double(argument), value >= 0, value <= Self.maximum else { return nil }
        self.value = value
    }

    var defaultValueDescription: String { formatted }

    /// The number without a fraction of zero: "10", "0.5".
    var formatted: String { Self.format(value) }

    static func format(_ seconds: Double) -> String {
        seconds == seconds.rounded() && abs(seconds) < 1e15 ? String(Int(seconds)) : String(seconds)
    }

    var duration: Duration { .seconds(value) }
    var timeAmount: TimeAmount { .nanoseconds(Int64(value * 1e9)) }
}

/// A time in seconds, or "inf" for no end.
enum WaitTime: ExpressibleByArgument, Equatable {
    case seconds(Double)
    case infinite

    init?(argument: String) {
        if argument == "inf" {
            self = .infinite
        } else if let seconds = Seconds(argument: argument) {
            self = .seconds(seconds.value)
        } else {
            return nil
        }
    }
}

/// A number of bytes, in powers of 1024 with K, M or G: "64M".
struct ByteCount: ExpressibleByArgument {
    let value: Int

    static let defaultMessageSize = ByteCount(value: Limits.defaultMessageSize)

    private init(value: Int) {
        self.value = value
    }

    var defaultValueDescription: String { "\(value >> 20)M" }

    init?(argument: String) {
        let shifts: [Character: Int] = ["k": 10, "m": 20, "g": 30]
        let shift = argument.lowercased().last.flatMap { shifts[$0] }
        let digits = shift == nil ? argument[...] : argument.dropLast()
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits), number > 0
        else { return nil }
        let (value, overflow) = number.multipliedReportingOverflow(by: 1 << (shift ?? 0))
        guard !overflow else { return nil }
        self.value = value
    }
}

/// A header as it is given on the command line: "Name: value"; without a value the header is left out.
struct HeaderField: ExpressibleByArgument, Equatable {
    let name: String
    let value: String

    init?(argument: String) {
        guard let colon = argument.firstIndex(of: ":") else { return nil }
        name = String(argument[..<colon])
        value = argument[argument.index(after: colon)...].trimming { $0 == " " || $0 == "\t" }
        // A line end in a value would begin another header.
        guard !name.isEmpty, name.utf8.allSatisfy(Token.contains) else { return nil }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return nil }
    }
}

extension StringProtocol {
    /// The text without the characters at its ends that match.
    fileprivate func trimming(_ matches: (Character) -> Bool) -> String {
        let start = drop(while: matches)
        let kept = start.reversed().drop(while: matches)
        return String(kept.reversed())
    }
}
