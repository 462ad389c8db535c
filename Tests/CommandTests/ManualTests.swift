import Foundation
import ProcessSupport
import TestSupport
import Testing

@testable import TestScript
@testable import wsline

/// Tests that the manual and the program agree.
@Suite(.fewAtATime) struct ManualTests {
    private let page: ManualPage
    private let script: ManualPage

    init() throws {
        page = try ManualPage("wsline.1")
        script = try ManualPage("wsline-script.5")
    }

    private func items(in section: String) -> [ManualPage.Item] { page.items.filter { $0.section == section } }

    @Test("Every option is documented in its section with its names and default, and no other option is")
    func options() async throws {
        let commands = try await ProgramDescription.current().subcommands ?? []
        let connect = try #require(commands.first { $0.commandName == "connect" })
        #expect(commands.count > 2)
        for command in commands where command.commandName != "help" {
            let items = items(in: command.commandName.uppercased())
            let documented = Set(items.flatMap(\.options))
            #expect(documented.isSubset(of: command.options.flatMap(\.spellings)), "\(command.commandName)")
            for option in command.options {
                // Options with the same meaning as for connect are documented there.
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

    @Test("Every command is in the synopsis, and no other command is")
    func commands() async throws {
        let commands = try await ProgramDescription.current().subcommands?.map(\.commandName) ?? []
        let synopsis = try #require(page.sources["SYNOPSIS"])
        let named = synopsis.matches(of: /\.(?:Op )?Cm ([a-z]+)/).map { String($0.output.1) }
        #expect(Set(named) == Set(commands))
    }

    @Test("Every typed command is documented with its arguments, and no other typed command is")
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

    @Test("The options of the configuration file are options of connect or settings, and are documented")
    func configurationFile() async throws {
        let commands = try await ProgramDescription.current().subcommands ?? []
        let connect = try #require(commands.first { $0.commandName == "connect" })
        let spellings = Set(connect.options.flatMap(\.spellings))
        let documented = try #require(page.sources["CONFIGURATION FILE"])
        for name in ConfigParser.otherOptions.keys where Setting(rawValue: name) == nil {
            #expect(spellings.contains("--" + name))
            #expect(documented.contains(name), "\(name)")
        }
        let known = Set(ConfigParser.otherOptions.keys).union(ConnectionOption.allCases.map(\.rawValue))
        #expect(known.isDisjoint(with: ConfigParser.excludedOptions))
        for option in connect.options where !option.spellings.contains("--help") && option.abstract != nil {
            let names = Set(option.spellings.map { String($0.drop { $0 == "-" }) })
            guard names != ["version"] else { continue }
            #expect(!names.isDisjoint(with: known.union(ConfigParser.excludedOptions)), "\(names)")
        }
        for option in ConnectionOption.allCases { #expect(spellings.contains("--" + option.rawValue)) }
        for setting in Setting.allCases { #expect(ConfigParser.otherOptions[setting.rawValue] != nil, "\(setting)") }
    }

    @Test("Every exit status is documented, and no other status is")
    func exitStatuses() {
        let heads = items(in: "EXIT STATUS").map { $0.head.joined(separator: " ") }
        #expect(heads == wsline.ExitStatus.all.map { "\($0.code)" } + ["128 + n"])
    }

    @Test("Every environment variable that is looked up is documented, and no other variable is")
    func environment() throws {
        let documented = Set(items(in: "ENVIRONMENT").flatMap { $0.words(of: "Ev") }).union(["REQUEST_METHOD"])
        let sources = try SourceTree.swiftFiles(in: ["Sources"]).map(\.text).joined()
        let lookedUp = sources.matches(of: /(?:variable|nonEmpty)\("([A-Za-z_]+)"\)/).map { String($0.output.1) }
        #expect(Set(lookedUp).isSubset(of: documented), "\(Set(lookedUp).subtracting(documented))")
        for name in documented { #expect(sources.contains("\"\(name)\""), "\(name)") }
    }

    @Test("Every script statement is documented, and no other statement is")
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

    @Test("The scripts in the manual are valid")
    func scriptExamples() async throws {
        let scripts = script.displays["DESCRIPTION"] ?? []
        #expect(scripts.count > 4)
        for lines in scripts {
            let text = lines.joined(separator: "\n").replacing("localhost:8080", with: "127.0.0.1:1")
            // No server listens there, so a valid script fails with status 1.
            let arguments = ["test", "--set", "HOST=127.0.0.1:1", "--set", "TOKEN=t", "-"]
            let result = try await Program.run(arguments, input: Data(text.utf8))
            #expect(result.status == 1, "\(result)")
        }
    }

    @Test("The examples in the manual print the documented output")
    func examples() async throws {
        let folder = try ShellExample.Folder()
        let examples = (page.displays["EXAMPLES"] ?? []).flatMap(ShellExample.all)
        #expect(examples.count { $0.isComplete } > 10)
        for example in examples { try await example.check(in: folder) }
    }
}
