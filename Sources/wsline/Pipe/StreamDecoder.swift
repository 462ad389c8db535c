import NIOCore
import WebSocketProtocol

/// Cuts a stream of bytes into messages.
protocol StreamDecoder {
    /// Cuts off the messages that are complete now.
    ///
    /// - Parameter chunk: the bytes that follow those given before.
    /// - Returns: the messages, and why what follows them can't be sent, if so: nothing can be cut then any more.
    mutating func decode(_ chunk: ByteBuffer) -> DecodedInput

    /// Cuts off what is left at the end of the stream.
    ///
    /// - Returns: at most one message, or why it can't be sent.
    mutating func finish() -> DecodedInput
}

/// Messages cut off a stream, and what stands after them that can't be sent.
struct DecodedInput {
    var batch = MessageBatch()
    var error: UnsendableInput?
}

/// Input that can't be sent: where it stands, counted from 1, and why.
enum UnsendableInput: Error, Equatable, CustomStringConvertible {
    /// What a stream is cut into, in the user's words.
    enum Unit {
        case line, message, whole
    }

    /// It was to be text.
    case notUTF8(Unit, number: Int, byte: Int)
    /// It has more than `InputLimit.messageSize` bytes.
    case tooLong(Unit, number: Int)
    /// Its length says so.
    case announcedTooLong(number: Int, announced: Int)
    /// The stream ended inside a message, or inside its length.
    case cutShort(number: Int, announced: Int?, came: Int)

    var description: String {
        switch self {
        case .notUTF8(let unit, let number, let byte):
            "\(Self.place(unit, number)) is not UTF-8 at byte \(byte); it and the rest were not sent; "
                + "use --binary to send any bytes"
        case .tooLong(let unit, let number):
            "\(Self.place(unit, number)) is too long for a message: the limit is \(InputLimit.messageSize >> 20) MiB; "
                + "it and the rest were not sent"
        case .announcedTooLong(let number, let announced):
            "\(Self.place(.message, number)) is too long: its length is \(announced) bytes and the limit is "
                + "\(InputLimit.messageSize >> 20) MiB; check that the input has --framing length"
        case .cutShort(let number, let announced?, let came):
            "\(Self.place(.message, number)) is incomplete: the input ends after \(came) of \(announced) bytes; it was not "
                + "sent"
        case .cutShort(let number, nil, let came):
            "\(Self.place(.message, number)) is incomplete: the input ends after \(came) of the 4 bytes of its length"
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

/// How much of the input is held until a message is complete.
enum InputLimit {
    /// The most bytes of a message that is sent; a buffer has to hold it twice.
    static let messageSize = 1 << 30
}
