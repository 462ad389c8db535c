import ArgumentParser

/// Which messages go out, and when it is over.
struct MessageOptions: ParsableArguments {
    @Option(
        name: [.customShort("x"), .customLong("execute")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Send this message once connected; may be repeated. Standard input is not read.",
            valueName: "message"
        )
    )
    var messages: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Stay this long for replies after the last message was sent; \"inf\" until the server closes. "
                + "(default: 1; with --count until they have come)",
            valueName: "seconds"
        )
    )
    var wait: WaitTime?

    @Flag(name: [.customShort("1"), .customLong("one")], help: "Close after one received message.")
    var one = false

    @Option(help: ArgumentHelp("Close after this many received messages.", valueName: "n"))
    var count: Int?

    @Flag(help: "Read no input; stay until the server closes.")
    var receiveOnly = false

    @Flag(name: .shortAndLong, help: "Send binary messages.")
    var binary = false

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count takes a number from 1 on, not \(count)") }
        if one, count != nil { throw ValidationError("-1 and --count exclude each other") }
        if receiveOnly, !messages.isEmpty { throw ValidationError("--receive-only and -x exclude each other") }
    }

    /// The number of messages to receive before closing.
    var messageLimit: Int? { one ? 1 : count }

    /// How long replies are awaited: who asked for a number of messages wants them, however long they take.
    var sessionWait: SessionPlan.Wait {
        switch wait {
        case .seconds(let seconds): .limited(.seconds(seconds))
        case .infinite: .untilClosed
        case nil: messageLimit == nil ? .limited(.seconds(1)) : .untilClosed
        }
    }
}
