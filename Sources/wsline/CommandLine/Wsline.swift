import ArgumentParser

/// The root command; runs `connect` if no command is named.
struct Wsline: ParsableCommand {
    /// The version of the program and of its packages.
    static let version = "0.2.0"

    static let configuration = CommandConfiguration(
        commandName: "wsline",
        abstract: "Talk to a WebSocket server: at a terminal, in a pipe, or in a script",
        version: "wsline \(version)",
        subcommands: [Connect.self, Test.self, Wait.self, Replay.self, Serve.self],
        defaultSubcommand: Connect.self
    )

    /// The names of the commands.
    static var commandNames: [String] { configuration.subcommands.map { $0._commandName } }

    /// Parses a command line.
    ///
    /// - Parameter arguments: the arguments without the program's name.
    /// - Returns: the command that they name, or `connect`.
    /// - Throws: an error for `exitCode(for:)` and `message(for:)`.
    static func command(from arguments: [String]) throws -> any ParsableCommand {
        // Parsing without the other commands takes half the time. If it fails, the full parser runs for the same errors
        // and help as always.
        if let first = arguments.first, !commandNames.contains(first), first != "help",
            let connect = try? Connect.parseAsRoot(arguments) as? Connect
        {
            return connect
        }
        return try parseAsRoot(arguments)
    }
}
