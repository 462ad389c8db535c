import ArgumentParser
import TestScript

/// Options for the messages to send and their framing.
struct MessageOptions: ParsableArguments {
    @Option(
        name: [.customShort("x"), .customLong("execute")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "send this message once connected; may be repeated; read no standard input without -i",
            valueName: "message"
        )
    )
    var messages: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "send a message at an interval while connected, such as '30s hello'; may be repeated",
            valueName: "time message"
        ),
        transform: RepeatedMessage.init
    )
    var every: [RepeatedMessage] = []

    @Flag(name: .shortAndLong, help: "read standard input after sending the messages of -x")
    var interactive = false

    @Flag(help: "read no input; receive until the server closes")
    var receiveOnly = false

    @Flag(help: "send each received message back; read no input and print no messages")
    var echo = false

    @Flag(name: .shortAndLong, help: "send binary messages")
    var binary = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("split messages into frames of at most this size", valueName: "size"),
        transform: ConnectionOption.fragment.setting
    )
    var fragment: ConnectionSetting?

    @Option(
        help: ArgumentHelp(
            "framing of messages on standard input and output: lines, nul (a NUL byte after each), length (four bytes "
                + "of length before each, big-endian), whole (all input is one message) or stream (bytes as they arrive)",
            valueName: "how"
        )
    )
    var framing: Framing?

    @Flag(name: [.customShort("0"), .customLong("null")], help: "same as --framing nul")
    var null = false

    func validate() throws {
        for (isGiven, name) in [(receiveOnly, "--receive-only"), (echo, "--echo")] where isGiven && interactive {
            throw ValidationError("\(name) and -i cannot be used together")
        }
        if echo, receiveOnly { throw ValidationError("--echo and --receive-only cannot be used together") }
        if null, let framing, framing != .nul {
            throw ValidationError("-0 and --framing \(framing.rawValue) cannot be used together")
        }
    }

    /// The payloads of the messages given with `-x`.
    ///
    /// - Throws: `Failure` for a text message that is not valid UTF-8.
    var payloads: [[UInt8]] {
        get throws(Failure) {
            for message in messages where !binary {
                guard let fault = ArgumentBytes.fault(in: message, at: "the value of -x") else { continue }
                throw Failure(.unsendableInput, "\(fault); nothing was sent; use --binary to send any bytes")
            }
            return messages.map(ArgumentBytes.bytes)
        }
    }

    /// Whether standard input is read.
    var readsInput: Bool { !receiveOnly && !echo && (messages.isEmpty || interactive) }

    /// The framing of messages on standard input and output.
    var streamFraming: Framing { null ? .nul : framing ?? .lines }
}
