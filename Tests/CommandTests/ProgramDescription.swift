import Foundation
import TestSupport

/// What the program says of its own command line (`--experimental-dump-help`).
struct ProgramDescription: Decodable {
    /// A command and those below it.
    struct Command: Decodable {
        let commandName: String
        let arguments: [Argument]?
        let subcommands: [Command]?

        /// What the help shows.
        var options: [Argument] { (arguments ?? []).filter { $0.shouldDisplay && $0.kind != "positional" } }
    }

    /// An option, a flag, or what stands without a name.
    struct Argument: Decodable, Equatable {
        /// A way to write it.
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

        /// What holds when it is not given, as the help puts it.
        var defaultWords: String? {
            let words = abstract?.firstMatch(of: /\(default: (.*)\)/).map { String($0.output.1) }
            return words ?? defaultValue
        }
    }

    let command: Command

    /// Asks the built program.
    static func current() async throws -> Command {
        let result = try await Program.run(["--experimental-dump-help"])
        return try JSONDecoder().decode(ProgramDescription.self, from: result.output).command
    }
}
