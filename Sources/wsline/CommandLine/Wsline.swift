import ArgumentParser

/// The root of the command line; `connect` is what it does when no command is named.
struct Wsline: ParsableCommand {
    /// The version of the program and of its packages.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "wsline",
        abstract: "Talk to a WebSocket server: at a terminal, in a pipe, or in a script",
        version: "wsline \(version)",
        subcommands: [Connect.self, Test.self, Replay.self, Serve.self],
        defaultSubcommand: Connect.self
    )

    /// The words that name a command.
    static var commandNames: [String] { configuration.subcommands.map { $0._commandName } }

    /// Reads a command line.
    ///
    /// - Parameter arguments: what follows the program's name.
    /// - Returns: the command that it names, or `connect`.
    /// - Throws: what `exitCode(for:)` and `message(for:)` understand.
    static func command(from arguments: [String]) throws -> any ParsableCommand {
        // Without the other commands the parser takes half the time. It is asked again about what is not in order, for
        // the same errors and the same help in either case.
        if let first = arguments.first, !commandNames.contains(first), first != "help",
            let connect = try? Connect.parseAsRoot(arguments) as? Connect
        {
            return connect
        }
        return try parseAsRoot(arguments)
    }
}
