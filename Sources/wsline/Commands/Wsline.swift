import ArgumentParser

/// The root of the command line; `connect` is what it does when no command is named.
struct Wsline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wsline",
        abstract: "Talk to a WebSocket server: by hand, through a pipe, or in a script.",
        version: "wsline 0.1.0",
        subcommands: [Connect.self, Test.self, Replay.self, Serve.self],
        defaultSubcommand: Connect.self
    )
}
