import Foundation
import ProcessSupport
import TestSupport
import Testing

@testable import TestScript
@testable import wsline

/// The manual says what the program does, no less and no more.
@Suite(.fewAtATime) struct ManualTests {
    private let page: ManualPage
    private let script: ManualPage

    init() throws {
        page = try ManualPage("wsline.1")
        script = try ManualPage("wsline-script.5")
    }

    private func items(in section: String) -> [ManualPage.Item] { page.items.filter { $0.section == section } }

    @Test("Every option of every command stands in its section with its names and its default, and no other does")
    func options() async throws {
        let commands = try await ProgramDescription.current().subcommands ?? []
        let connect = try #require(commands.first { $0.commandName == "connect" })
        #expect(commands.count > 2)
        for command in commands where command.commandName != "help" {
            let items = items(in: command.commandName.uppercased())
            let documented = Set(items.flatMap(\.options))
            #expect(documented.isSubset(of: command.options.flatMap(\.spellings)), "\(command.commandName)")
            for option in command.options {
                // What means the same as for connect is told there.
                let isShared = command.commandName != "connect" && connect.options.contains(option)
                guard !(isShared && documented.isDisjoint(with: option.spellings)) else { continue }
                let item = try #require(
                    items.first { $0.options.sorted() == option.spellings },
                    "\(command.commandName) has no \(option.spellings)"
                )
                #expect(item.hasValue == (option.kind == "option"), "\(option.spellings)")
                let title = option.sectionTitle ?? (command.commandName == "connect" ? "Help" : "")
                #expect(item.subsection == title, "\(command.commandName) \(option.spellings)")
                let words = item.text.firstMatch(of: /\(default: (.*)\)/).map { String($0.output.1) }
                #expect(words == option.defaultWords, "\(command.commandName) \(option.spellings)")
            }
        }
    }

    @Test("Each command stands in the synopsis, and no other does")
    func commands() async throws {
        let commands = try await ProgramDescription.current().subcommands?.map(\.commandName) ?? []
        let synopsis = try #require(page.sources["SYNOPSIS"])
        let named = synopsis.matches(of: /\.(?:Op )?Cm ([a-z]+)/).map { String($0.output.1) }
        #expect(Set(named) == Set(commands))
    }

    @Test("Every typed command stands there with its arguments, and no other does")
    func typedCommands() {
        check(CommandName.self, "Typed in a session")
        check(ServerCommandName.self, "Typed at a server")
        let set = items(in: "TYPED COMMANDS").first { $0.command == "/set" }
        for setting in Setting.allCases { #expect(set?.text.contains(setting.rawValue) == true, "\(setting)") }
    }

    private func check<Name: NamedCommand>(_ names: Name.Type, _ subsection: String) {
        let items = items(in: "TYPED COMMANDS").filter { $0.subsection == subsection }
        #expect(Set(items.map(\.command)) == Set(Name.allCases.map { "/" + $0.rawValue }))
        for item in items {
            let name = Name(rawValue: String(item.command.dropFirst()))
            let arguments = name?.arguments.matches(of: /[A-Za-z]+/).map { $0.output.lowercased() }
            #expect(item.arguments == arguments, "\(item.command)")
        }
    }

    @Test("Every exit status stands there, and no other does")
    func exitStatuses() {
        let statuses: [wsline.ExitStatus] = [
            .success, .expectationFailed, .closedByServer, .usage, .unsendableInput, .noInput, .noHost, .unavailable,
            .defect, .lost, .timedOut, .protocolBroken, .notAllowed,
        ]
        // A case that is new belongs into the list above.
        for status in statuses + [.signal(2)] {
            switch status {
            case .success, .expectationFailed, .closedByServer, .usage, .unsendableInput, .noInput, .noHost,
                .unavailable, .defect, .lost, .timedOut, .protocolBroken, .notAllowed, .signal:
                break
            }
        }
        let heads = items(in: "EXIT STATUS").map { $0.head.joined(separator: " ") }
        #expect(heads == statuses.map { "\($0.code)" } + ["128 + n"])
    }

    @Test("Every variable that the program looks up stands there, and no other does")
    func environment() throws {
        let documented = Set(items(in: "ENVIRONMENT").flatMap { $0.words(of: "Ev") }).union(["REQUEST_METHOD"])
        let sources = try SourceTree.swiftFiles(in: ["Sources"]).map(\.text).joined()
        let lookedUp = sources.matches(of: /(?:variable|nonEmpty)\("([A-Za-z_]+)"\)/).map { String($0.output.1) }
        #expect(Set(lookedUp).isSubset(of: documented), "\(Set(lookedUp).subtracting(documented))")
        for name in documented { #expect(sources.contains("\"\(name)\""), "\(name)") }
    }

    @Test("Every statement of a script stands in its page, and no other does")
    func statements() throws {
        let known =
            ["==", ">", "<", "ping / pong"] + StatementParser.words + StatementParser.structureWords
            + StatementParser.sendings.map { ">" + $0 } + StatementParser.expectations.map { "<" + $0 }
        let documented = script.items.map(\.command).filter { !$0.isEmpty }
        #expect(Set(documented) == Set(known), "\(Set(documented).symmetricDifference(known))")
        let options = try #require(script.sources["DESCRIPTION/Options"])
        let named = options.matches(of: /\n\.Ic ([a-z0-9-]+) [,.]/).map { String($0.output.1) }
        #expect(Set(named) == Set(ConnectionOption.allCases.map(\.rawValue)))
    }

    @Test("The scripts in the page are read without a mistake")
    func scriptExamples() async throws {
        let scripts = script.displays["DESCRIPTION"] ?? []
        #expect(scripts.count > 4)
        for lines in scripts {
            let text = lines.joined(separator: "\n").replacing("localhost:8080", with: "127.0.0.1:1")
            // Nobody listens there: a test that fails has been read.
            let arguments = ["test", "--set", "HOST=127.0.0.1:1", "--set", "TOKEN=t", "-"]
            let result = try await Program.run(arguments, input: Data(text.utf8))
            #expect(result.status == 1, "\(result)")
        }
    }

    @Test("The examples print what the page says")
    func examples() async throws {
        let folder = try ShellExample.Folder()
        let examples = (page.displays["EXAMPLES"] ?? []).flatMap(ShellExample.all)
        #expect(examples.count { $0.isComplete } > 10)
        for example in examples { try await example.check(in: folder) }
    }
}
