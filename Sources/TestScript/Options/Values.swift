package import MessageText
package import NIOCore
import WebSocketProtocol

/// A time as the user writes it: seconds, or a number with a unit, such as `300ms`, `2s`, `1m` or `1h`.
package struct Seconds: CustomStringConvertible, Equatable, Sendable {
    package let value: Double

    private static let units: [(suffix: String, seconds: Double, divisor: Double)] = [
        ("ms", 1, 1000), ("s", 1, 1), ("m", 60, 1), ("h", 3600, 1),
    ]

    /// The longest time, chosen so that no calculation overflows.
    private static let maximum: Double = 1e9

    package static let defaultExpectTimeout = Seconds(value: 10)

    /// Creates a time from a number of seconds.
    package init(value: Double) {
        self.value = value
    }

    /// Parses a time.
    ///
    /// - Throws: `InvalidValue` for text that is not a time.
    package init(_ text: some StringProtocol) throws(InvalidValue) {
        let unit = Self.units.first { text.hasSuffix($0.suffix) } ?? (suffix: "", seconds: 1, divisor: 1)
        let number = text.dropLast(unit.suffix.count)
        guard number.first?.isNumber == true, number.allSatisfy({ $0.isNumber || $0 == "." }),
            let value = Double(number), value * unit.seconds <= Self.maximum
        else { throw InvalidValue("must be a time such as 2.5, 300ms, 2s or 1m") }
        self.value = value * unit.seconds / unit.divisor
    }

    /// Parses a time above 0.
    ///
    /// - Throws: `InvalidValue` for anything but a number above 0.
    package static func aboveZero(_ argument: String) throws(InvalidValue) -> Seconds {
        guard let seconds = try? Seconds(argument), seconds.value > 0 else {
            throw InvalidValue("must be a time above 0, such as 2.5, 300ms, 2s or 1m")
        }
        return seconds
    }

    package var description: String { formatted }

    /// The number, without a fraction if that is zero: "10", "0.5".
    package var formatted: String { Self.format(value) }

    package static func format(_ seconds: Double) -> String {
        seconds == seconds.rounded() && abs(seconds) < 1e15 ? String(Int(seconds)) : String(seconds)
    }

    /// Returns a time with its unit: "12 ms", "1.5 s".
    package static func words(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        if milliseconds < 10, milliseconds != milliseconds.rounded() {
            return "\((milliseconds * 100).rounded() / 100) ms"
        }
        if milliseconds < 1000 { return "\(Int(milliseconds.rounded())) ms" }
        return "\(format((milliseconds / 10).rounded() / 100)) s"
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
