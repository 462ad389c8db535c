import ArgumentParser
import MessageText
import TestScript

/// Options for waiting for replies and for ending the session.
struct ReplyOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        parsing: .unconditional,
        help: ArgumentHelp(
            "wait this long for replies after the last message; inf: until the server closes (default: 10 for the "
                + "first reply, 1 after each, 2 with -x; no limit with -1, --count and --expect)",
            valueName: "seconds"
        ),
        transform: WaitTime.init
    )
    var wait: WaitTime?

    @Flag(name: [.customShort("1"), .customLong("one")], help: "close after the first received message")
    var one = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("close after this many received messages", valueName: "n"),
        transform: MessageCount.init
    )
    var count: MessageCount?

    @Flag(help: "print no messages")
    var sendOnly = false

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "exit with 1 unless a received message matches TEXT, ~REGEX or {JSON}; may be repeated, for messages in "
                + "this order; close after the last match",
            valueName: "pattern"
        ),
        transform: Expectation.init
    )
    var expect: [Expectation] = []

    @OptionGroup
    var rules: RuleOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "fail when no message arrives for this long, or no match with --expect (default: none; 10 with --expect)",
            valueName: "seconds"
        ),
        transform: Seconds.aboveZero
    )
    var timeout: Seconds?

    @Option(
        name: [.customShort("m"), .long],
        parsing: .unconditional,
        help: ArgumentHelp("maximum time for the whole run", valueName: "seconds"),
        transform: Seconds.aboveZero
    )
    var maxTime: Seconds?

    func validate() throws {
        if one, count != nil { throw ValidationError("-1 and --count cannot be used together") }
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
