import ArgumentParser
import TestScript

/// Options for the messages to send and their framing.
struct MessageOptions: ParsableArguments {
    @Option(
        name: [.customShort("x"), .customLong("execute")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Send this message once connected; may be repeated. Standard input is not read without -i.",
            valueName: "message"
        )
    )
    var messages: [String] = []

    @Flag(name: .shortAndLong, help: "After the messages of -x go on with standard input.")
    var interactive = false

    @Flag(help: "Read no input; stay until the server closes.")
    var receiveOnly = false

    @Flag(name: .shortAndLong, help: "Send binary messages.")
    var binary = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Cut messages into frames of at most this size; K and M are understood.", valueName: "size"),
        transform: ConnectionOption.fragment.setting
    )
    var fragment: ConnectionSetting?

    @Option(
        help: ArgumentHelp(
            "Framing of messages on standard input and output: lines, nul (each ends with a NUL byte), length (each "
                + "follows its length in four bytes, big-endian), whole (all input is one message), stream (bytes as they "
                + "are read, and nothing between messages).",
            valueName: "how"
        )
    )
    var framing: Framing?

    @Flag(name: [.customShort("0"), .customLong("null")], help: "Short for --framing nul.")
    var null = false

    func validate() throws {
        if receiveOnly, interactive { throw ValidationError("--receive-only and -i exclude each other") }
        if null, let framing, framing != .nul {
            throw ValidationError("-0 and --framing \(framing.rawValue) exclude each other")
        }
    }

    /// The payloads of the messages given with `-x`.
    ///
    /// - Throws: `Failure` for a text message that is not valid UTF-8.
    var payloads: [[UInt8]] {
        get throws(Failure) {
            for message in messages where !binary {
                guard let fault = ArgumentBytes.fault(in: message, at: "a message of -x") else { continue }
                throw Failure(.unsendableInput, "\(fault); nothing was sent; --binary sends any bytes")
            }
            return messages.map(ArgumentBytes.bytes)
        }
    }

    /// Whether standard input is read.
    var readsInput: Bool { !receiveOnly && (messages.isEmpty || interactive) }

    /// The framing of messages on standard input and output.
    var streamFraming: Framing { null ? .nul : framing ?? .lines }
}
