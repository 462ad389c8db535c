package import MessageText
package import NIOCore
import WebSocketProtocol

/// A time in seconds, possibly with a fraction.
package struct Seconds: CustomStringConvertible, Equatable, Sendable {
    package let value: Double

    /// The longest time, chosen so that no calculation overflows.
    private static let maximum: Double = 1e9

    package static let defaultExpectTimeout = Seconds(value: 10)

    /// Creates a time from a number of seconds.
    package init(value: Double) {
        self.value = value
    }

    /// Parses a time.
    ///
    /// - Throws: `InvalidValue` for anything but a number of at least 0.
    package init(_ argument: String) throws(InvalidValue) {
        guard let value = Double(argument), value >= 0, value <= Self.maximum else {
            throw InvalidValue("must be a number of seconds from 0 on, such as 2.5")
        }
        self.value = value
    }

    /// Parses a time above 0.
    ///
    /// - Throws: `InvalidValue` for anything but a number above 0.
    package static func aboveZero(_ argument: String) throws(InvalidValue) -> Seconds {
        guard let seconds = try? Seconds(argument), seconds.value > 0 else {
            throw InvalidValue("must be a number of seconds above 0, such as 2.5")
        }
        return seconds
    }

    package var description: String { formatted }

    /// The number, without a fraction if that is zero: "10", "0.5".
    package var formatted: String { Self.format(value) }

    package static func format(_ seconds: Double) -> String {
        seconds == seconds.rounded() && abs(seconds) < 1e15 ? String(Int(seconds)) : String(seconds)
    }

    package var duration: Duration { .seconds(value) }
    package var timeAmount: TimeAmount { .nanoseconds(Int64(value * 1e9)) }
}

/// A number of messages, at least 1.
package struct MessageCount: Sendable {
    package let value: Int

    /// Parses a number.
    ///
    /// - Throws: `InvalidValue` for anything but a positive integer.
    package init(_ argument: String) throws(InvalidValue) {
        guard let value = Int(argument), value > 0 else { throw InvalidValue("must be a positive integer") }
        self.value = value
    }
}

/// A number of bytes, optionally with K, M or G for powers of 1024: "64M".
package struct ByteCount: CustomStringConvertible, Sendable {
    package let value: Int

    package static let defaultMessageSize = ByteCount(value: Limits.defaultMessageSize)

    private init(value: Int) {
        self.value = value
    }

    package var description: String { "\(value >> 20)M" }

    /// Parses a size.
    ///
    /// - Throws: `InvalidValue` for anything but a size above 0.
    package init(_ argument: String) throws(InvalidValue) {
        let shifts: [Character: Int] = ["k": 10, "m": 20, "g": 30]
        let shift = argument.lowercased().last.flatMap { shifts[$0] }
        let digits = shift == nil ? argument[...] : argument.dropLast()
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits), number > 0,
            case let (value, overflow) = number.multipliedReportingOverflow(by: 1 << (shift ?? 0)), !overflow
        else { throw InvalidValue("must be a number of bytes, or one with K, M or G, such as 64M") }
        self.value = value
    }
}
