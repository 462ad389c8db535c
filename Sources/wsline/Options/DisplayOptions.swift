import ArgumentParser

/// What is said beside the messages.
struct DisplayOptions: ParsableArguments {
    @Flag(name: [.customShort("P"), .customLong("show-ping-pong")], help: "Show pings and pongs.")
    var showsPingPong = false

    @Flag(name: .shortAndLong, help: "Say less: errors only.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say more: the opening handshake.")
    var verbose: Int

    func validate() throws {
        if quiet, verbose > 0 { throw ValidationError("-q and -v exclude each other") }
    }

    var verbosity: SessionPlan.Verbosity {
        quiet ? .quiet : verbose > 0 ? .verbose : .normal
    }
}
