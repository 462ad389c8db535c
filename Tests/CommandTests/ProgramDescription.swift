import Foundation
import TestSupport

/// The description that the program prints of its own command line (`--experimental-dump-help`).
struct ProgramDescription: Decodable {
    /// A command and its subcommands.
    struct Command: Decodable {
        let commandName: String
        let arguments: [Argument]?
        let subcommands: [Command]?

        /// The options shown in the help.
        var options: [Argument] { (arguments ?? []).filter { $0.shouldDisplay && $0.kind != "positional" } }
    }

    /// An option, a flag or a positional argument.
    struct Argument: Decodable, Equatable {
        /// A spelling of the argument.
        struct Name: Decodable, Equatable {
            let kind: String
            let name: String
        }

        let kind: String
        let names: [Name]?
        let abstract: String?
        let sectionTitle: String?
        let shouldDisplay: Bool
        let defaultValue: String?

        /// The names with their dashes, sorted.
        var spellings: [String] { (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }.sorted() }

        /// The default value, as written in the help.
        var defaultWords: String? {
            let words = abstract?.firstMatch(of: /\(default: (.*)\)/).map { String($0.output.1) }
            return words ?? defaultValue
        }
    }

    let command: Command

    /// Returns the description of the built program.
    static func current() async throws -> Command {
        let result = try await Program.run(["--experimental-dump-help"])
        return try JSONDecoder().decode(ProgramDescription.self, from: result.output).command
    }
}
