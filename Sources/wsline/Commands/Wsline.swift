import ArgumentParser

/// The root of the command line; `connect` is what it does when no command is named.
struct Wsline: ParsableCommand {
    /// The version of the program and of its packages.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "wsline",
        abstract: "Talk to a WebSocket server: by hand, through a pipe, or in a script.",
        version: "wsline \(version)",
        subcommands: [Connect.self, Test.self, Replay.self, Serve.self],
        defaultSubcommand: Connect.self
    )

    /// The words that name a command.
    static var commandNames: [String] { configuration.subcommands.map { $0._commandName } }
}
