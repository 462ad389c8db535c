import ArgumentParser

/// Which messages go out, and when it is over.
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

    @Option(
        name: .shortAndLong,
        parsing: .unconditional,
        help: ArgumentHelp(
            "Stay this long for replies after the last message was sent, and longer while fewer have come than were sent "
                + "and they keep coming; \"inf\" until the server closes. "
                + "(default: 1; with --count and --expect until they have come)",
            valueName: "seconds"
        ),
        transform: WaitTime.init
    )
    var wait: WaitTime?

    @Flag(name: [.customShort("1"), .customLong("one")], help: "Close after one received message.")
    var one = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Close after this many received messages.", valueName: "n"),
        transform: MessageCount.init
    )
    var count: MessageCount?

    @Flag(name: .shortAndLong, help: "After the messages of -x go on with standard input.")
    var interactive = false

    @Flag(help: "Read no input; stay until the server closes.")
    var receiveOnly = false

    @Flag(help: "Print no messages.")
    var sendOnly = false

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Fail with status 1 unless a message comes that matches: the text itself, ~REGEX, or {JSON} that it contains. "
                + "May be repeated, for messages in this order; closes when all came.",
            valueName: "pattern"
        ),
        transform: Expectation.init
    )
    var expect: [Expectation] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Give up when no message comes for this long; with --expect, none that is expected. "
                + "(default: none; 10 with --expect)",
            valueName: "seconds"
        ),
        transform: Seconds.aboveZero
    )
    var timeout: Seconds?

    @Option(
        name: [.customShort("m"), .long],
        parsing: .unconditional,
        help: ArgumentHelp("End the whole run after this long.", valueName: "seconds"),
        transform: Seconds.aboveZero
    )
    var maxTime: Seconds?

    @Flag(name: .shortAndLong, help: "Send binary messages.")
    var binary = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Cut messages into frames of at most this size; K and M are understood.", valueName: "size"),
        transform: ByteCount.init
    )
    var fragment: ByteCount?

    @Option(
        help: ArgumentHelp(
            "How messages stand in a stream, in and out: lines, nul (each ends with a NUL byte), length (each after its "
                + "length in four bytes, big-endian), whole (all input is one message).",
            valueName: "how"
        )
    )
    var framing: Framing?

    @Flag(name: [.customShort("0"), .customLong("null")], help: "Short for --framing nul.")
    var null = false

    func validate() throws {
        if one, count != nil { throw ValidationError("-1 and --count exclude each other") }
        if receiveOnly, interactive { throw ValidationError("--receive-only and -i exclude each other") }
        if null, let framing, framing != .nul {
            throw ValidationError("-0 and --framing \(framing.rawValue) exclude each other")
        }
    }

    /// Whether standard input is read.
    var readsInput: Bool { !receiveOnly && (messages.isEmpty || interactive) }

    /// How messages are framed in a stream.
    var streamFraming: Framing { null ? .nul : framing ?? .lines }

    /// How long no message may come.
    var sessionTimeout: Seconds? { timeout ?? (expect.isEmpty ? nil : Seconds.defaultExpectTimeout) }

    /// The number of messages to receive before closing.
    var messageLimit: Int? { one ? 1 : count?.value }

    /// How long replies are awaited: who asked for messages wants them, however long they take.
    var sessionWait: SessionPlan.Wait {
        switch wait {
        case .seconds(let seconds): .limited(.seconds(seconds))
        case .infinite: .untilClosed
        case nil:
            messageLimit == nil && expect.isEmpty && !receiveOnly ? .limited(.seconds(1)) : .untilClosed
        }
    }
}
