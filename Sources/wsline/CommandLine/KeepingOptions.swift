import ArgumentParser
import MessageText
import TestScript

/// Options for keeping a connection alive and reconnecting.
struct KeepingOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Send a ping this often.", valueName: "seconds"),
        transform: Seconds.aboveZero
    )
    var pingInterval: Seconds?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Take the connection for lost when nothing comes for this long after a ping.",
            valueName: "seconds"
        ),
        transform: Seconds.aboveZero
    )
    var pingTimeout: Seconds?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Connect again when the connection is lost, or does not come about, at most n times in a row; after up to "
                + "0.5 s, then ever later up to 30 s. The messages of -x are sent each time. (default: without end)",
            valueName: "[n]"
        ),
        transform: ReconnectLimit.init
    )
    var reconnect: ReconnectLimit?

    @Flag(
        help: ArgumentHelp(
            "At a terminal, exit when the server closes or the connection is lost; -1, --count, -m and --expect do so, "
                + "too. (default: stay at a prompt)"
        )
    )
    var exit = false

    func validate() throws {
        if pingTimeout != nil, pingInterval == nil { throw ValidationError("--ping-timeout goes with --ping-interval") }
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
            throw InvalidValue("it is a number from 1 on, or inf")
        }
    }
}
