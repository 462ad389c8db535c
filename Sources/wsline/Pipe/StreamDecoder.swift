import NIOCore
import WebSocketProtocol

/// Decodes a byte stream into messages.
protocol StreamDecoder {
    /// Decodes the messages that are complete.
    ///
    /// - Parameter chunk: the next bytes of the stream.
    /// - Returns: the messages, and an error if the input after them cannot be sent. Decoding stops after an error.
    mutating func decode(_ chunk: ByteBuffer) -> DecodedInput

    /// Decodes the remaining input at the end of the stream.
    ///
    /// - Returns: at most one message, or an error.
    mutating func finish() -> DecodedInput
}

/// Messages decoded from a stream, and the error that follows them, if any.
struct DecodedInput {
    var batch = MessageBatch()
    var error: UnsendableInput?
}

/// Input that cannot be sent, with its position, counted from 1, and the reason.
enum UnsendableInput: Error, Equatable, CustomStringConvertible {
    /// What a position in the input counts, in the user's terms.
    enum Unit {
        case line, message, whole
    }

    /// A text message is not valid UTF-8.
    case notUTF8(Unit, number: Int, byte: Int)
    /// The message is longer than `InputLimit.messageSize`.
    case tooLong(Unit, number: Int)
    /// The length prefix of the message exceeds `InputLimit.messageSize`.
    case announcedTooLong(number: Int, announced: Int)
    /// The stream ended within a message or its length prefix.
    case cutShort(number: Int, announced: Int?, came: Int)

    var description: String {
        switch self {
        case .notUTF8(let unit, let number, let byte):
            "\(Self.place(unit, number)), byte \(byte) is not UTF-8; it and what follows were not sent; "
                + "--binary sends any bytes"
        case .tooLong(let unit, let number):
            "\(Self.place(unit, number)) is longer than \(InputLimit.messageSize >> 20) MiB, the most that is sent as one "
                + "message; it and what follows were not sent"
        case .announcedTooLong(let number, let announced):
            "\(Self.place(.message, number)) is \(announced) bytes long by the four bytes before it, more than the "
                + "\(InputLimit.messageSize >> 20) MiB that are sent as one message; is this --framing length?"
        case .cutShort(let number, let announced?, let came):
            "\(Self.place(.message, number)) is cut short: by the four bytes before it it is \(announced) bytes long, and "
                + "\(came) came; it was not sent"
        case .cutShort(let number, nil, let came):
            "\(Self.place(.message, number)) is cut short: \(came) of the 4 bytes of its length came"
        }
    }

    private static func place(_ unit: Unit, _ number: Int) -> String {
        switch unit {
        case .line: "line \(number) of standard input"
        case .message: "message \(number) of standard input"
        case .whole: "standard input"
        }
    }
}

/// The bound on input held in memory until a message is complete.
enum InputLimit {
    /// The maximum size of a message to send, in bytes; decoding may need twice as much memory.
    static let messageSize = 1 << 30
}
