import MessageText
import NIOCore
import WebSocketProtocol

/// A time in seconds, with a fraction if need be.
struct Seconds: CustomStringConvertible, Equatable, Sendable {
    let value: Double

    /// What a day has and then some; longer is as good as for ever, and overflows nothing.
    private static let maximum: Double = 1e9

    static let defaultConnectTimeout = Seconds(value: 10)
    static let defaultCloseTimeout = Seconds(value: 5)
    static let defaultExpectTimeout = Seconds(value: 10)
    static let defaultReplyWait = Seconds(value: 1)

    init(value: Double) {
        self.value = value
    }

    /// Reads a time.
    ///
    /// - Throws: `InvalidValue` for what is no time from 0 on.
    init(_ argument: String) throws(InvalidValue) {
        guard let value = Double(argument), value >= 0, value <= Self.maximum else {
            throw InvalidValue("it is a number of seconds from 0 on, such as 2.5")
        }
        self.value = value
    }

    /// Reads a time that can't be 0.
    ///
    /// - Throws: `InvalidValue` for what is no time above 0.
    static func aboveZero(_ argument: String) throws(InvalidValue) -> Seconds {
        guard let seconds = try? Seconds(argument), seconds.value > 0 else {
            throw InvalidValue("it is a number of seconds above 0, such as 2.5")
        }
        return seconds
    }

    var description: String { formatted }

    /// The number without a fraction of zero: "10", "0.5".
    var formatted: String { Self.format(value) }

    static func format(_ seconds: Double) -> String {
        seconds == seconds.rounded() && abs(seconds) < 1e15 ? String(Int(seconds)) : String(seconds)
    }

    var duration: Duration { .seconds(value) }
    var timeAmount: TimeAmount { .nanoseconds(Int64(value * 1e9)) }
}

/// A time in seconds, or "inf" for no end.
enum WaitTime: Equatable, Sendable {
    case seconds(Seconds)
    case infinite

    /// Reads a time.
    ///
    /// - Throws: `InvalidValue` for what is neither.
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

/// A number of messages, from 1 on.
struct MessageCount: Sendable {
    let value: Int

    /// Reads a number.
    ///
    /// - Throws: `InvalidValue` for what is no number from 1 on.
    init(_ argument: String) throws(InvalidValue) {
        guard let value = Int(argument), value > 0 else { throw InvalidValue("it is a number from 1 on") }
        self.value = value
    }
}

/// A number of bytes, in powers of 1024 with K, M or G: "64M".
struct ByteCount: CustomStringConvertible, Sendable {
    let value: Int

    static let defaultMessageSize = ByteCount(value: Limits.defaultMessageSize)

    private init(value: Int) {
        self.value = value
    }

    var description: String { "\(value >> 20)M" }

    /// Reads a size.
    ///
    /// - Throws: `InvalidValue` for what is no size above 0.
    init(_ argument: String) throws(InvalidValue) {
        let shifts: [Character: Int] = ["k": 10, "m": 20, "g": 30]
        let shift = argument.lowercased().last.flatMap { shifts[$0] }
        let digits = shift == nil ? argument[...] : argument.dropLast()
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits), number > 0,
            case let (value, overflow) = number.multipliedReportingOverflow(by: 1 << (shift ?? 0)), !overflow
        else { throw InvalidValue("it is a number of bytes, or one with K, M or G, such as 64M") }
        self.value = value
    }
}

/// A header as it is given on the command line: "Name: value"; without a value the header is left out.
struct HeaderField: Equatable, Sendable {
    let name: String
    let value: String

    /// Reads a header.
    ///
    /// - Throws: `InvalidValue` for what is none (RFC 9110, section 5).
    init(_ argument: String) throws(InvalidValue) {
        guard let colon = argument.firstIndex(of: ":") else {
            throw InvalidValue("a header is written NAME:VALUE, and NAME: leaves one out")
        }
        name = String(argument[..<colon])
        value = String(argument[argument.index(after: colon)...].trimmingSpaces)
        // A line end in a value would begin another header.
        guard !name.isEmpty, name.utf8.allSatisfy(Token.contains) else {
            throw InvalidValue("the name \"\(name)\" has a character that no header's name has, or none at all")
        }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw InvalidValue("its value has a control character")
        }
    }
}
