import ArgumentParser
import MessageText
import TestScript

/// Options for keeping a connection alive and reconnecting.
struct KeepingOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("send a ping at this interval", valueName: "seconds"),
        transform: Seconds.aboveZero
    )
    var pingInterval: Seconds?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "treat the connection as dead when nothing arrives within this time after a ping",
            valueName: "seconds"
        ),
        transform: Seconds.aboveZero
    )
    var pingTimeout: Seconds?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "reconnect when the connection is lost or cannot be made, at most n times in a row, with exponential "
                + "backoff from 0.5 to 30 s; send the messages of -x again (default: no limit)",
            valueName: "[n]"
        ),
        transform: ReconnectLimit.init
    )
    var reconnect: ReconnectLimit?

    @Flag(
        help: ArgumentHelp(
            "at a terminal, exit when the connection ends, as with -1, --count, -m and --expect (default: stay at a "
                + "prompt)"
        )
    )
    var exit = false

    func validate() throws {
        if pingTimeout != nil, pingInterval == nil { throw ValidationError("--ping-timeout requires --ping-interval") }
    }
}

/// The maximum number of consecutive reconnection attempts.
struct ReconnectLimit: Sendable, Equatable {
    /// Nil for no limit.
    let attempts: Int?

    /// Parses a positive integer, or `inf` for no limit.
    ///
    /// - Throws: `InvalidValue`.
    init(_ argument: String) throws(InvalidValue) {
        if argument == "inf" {
            attempts = nil
        } else if let number = Int(argument), number > 0 {
            attempts = number
        } else {
            throw InvalidValue("must be a positive integer or inf")
        }
    }
}
