import ArgumentParser
import MessageText
import TestScript

/// Options for waiting for replies and for ending the session.
struct ReplyOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        parsing: .unconditional,
        help: ArgumentHelp(
            "Wait this long for replies after the last message is sent, and longer while replies are missing and keep "
                + "arriving; \"inf\" until the server closes. (default: 10 for the first reply, then until none arrives "
                + "for 1 s, or 2 s after -x; with --count and --expect until they have arrived)",
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

    func validate() throws {
        if one, count != nil { throw ValidationError("-1 and --count exclude each other") }
    }

    /// The longest time without a message, or without an expected one.
    var sessionTimeout: Seconds? { timeout ?? (expect.isEmpty ? nil : Seconds.defaultExpectTimeout) }

    /// The number of messages to receive before closing.
    var messageLimit: Int? { one ? 1 : count?.value }

    /// Returns how long to wait for replies. A user who asks for a number of messages waits for them, however long they
    /// take.
    ///
    /// - Parameters:
    ///   - receivesOnly: whether no messages are sent.
    ///   - isCommand: whether messages are sent with `-x`, after which wscat waits for two seconds.
    /// - Returns: the rule for waiting.
    func replyWait(receivesOnly: Bool = false, isCommand: Bool = false) -> ReplyWait {
        switch wait {
        case .seconds(let seconds): .fixed(seconds)
        case .infinite: .untilClose
        case nil where messageLimit != nil || !expect.isEmpty || receivesOnly: .untilClose
        case nil where sendOnly: .fixed(Seconds(value: 0))
        case nil: .untilQuiet(isCommand ? .commandQuiet : .quiet)
        }
    }
}
