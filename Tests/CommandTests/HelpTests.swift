import ProcessSupport
import TestSupport
import Testing

@testable import wsline

/// Tests of the help, of suggestions for mistyped options, and of completion scripts.
@Suite(.fewAtATime) struct HelpTests {
    @Test("The first help page fits on a screen, lists every command, and shows only existing options")
    func overview() async throws {
        let result = try await Program.run(["--help"])
        #expect(result.status == 0, "\(result)")
        let lines = result.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 45, "\(lines.count) lines")
        for line in lines { #expect(line.count <= 80, "\(line)") }
        let description = try await ProgramDescription.current()
        for command in description.subcommands ?? [] {
            #expect(result.text.contains(command.commandName), "\(command.commandName)")
        }
        let known = Set((description.subcommands ?? []).flatMap(\.options).flatMap(\.spellings))
        let named = result.text.matches(of: /(?:^|[ \n(])(--?[a-zA-Z0-9][a-z-]*)/).map { String($0.output.1) }
        #expect(named.count > 10)
        for name in named where name != "-vv" { #expect(known.contains(name), "\(name)") }
        for arguments in [["-h"], ["help"]] {
            let other = try await Program.run(arguments)
            #expect(other.text == result.text, "\(other)")
        }
    }

    @Test("Without arguments, the short help is printed on standard error, and the status is 64")
    func noArguments() async throws {
        let result = try await Program.run([])
        let help = try await Program.run(["--help"])
        #expect(result.status == 64 && result.text.isEmpty, "\(result)")
        #expect(result.error == help.text, "\(result)")
    }

    @Test("wsline help exit lists all exit statuses", arguments: ["exit", "statuses"])
    func exitStatuses(name: String) async throws {
        let result = try await Program.run(["help", name])
        #expect(result.status == 0, "\(result)")
        let listed = result.text.split(separator: "\n").dropFirst().compactMap { $0.split(separator: " ").first }
        #expect(listed == wsline.ExitStatus.all.map { "\($0.code)" } + ["128+n"], "\(result)")
    }

    @Test("A host named echo that cannot be resolved suggests the built-in server")
    func echoHost() async throws {
        let result = try await Program.run(["-x", "hi", "--max-time", "30", "echo"])
        #expect(result.status == 68, "\(result)")
        #expect(result.error.hasSuffix(" echo:\n"), "\(result)")
    }

    @Test("An optional value is shown in brackets")
    func optionalValue() async throws {
        for arguments in [["help"], ["help", "connect"]] {
            let result = try await Program.run(arguments)
            #expect(result.text.contains("\n  --reconnect [<n>] "), "\(result)")
        }
        let wrong = try await Program.run(["--reconnect=x", "echo:"])
        #expect(wrong.error.contains("for \"--reconnect [<n>]\": "), "\(wrong)")
    }

    @Test("The help of a command lists all of its options", arguments: ["connect", "test", "wait", "replay", "serve"])
    func commandHelp(name: String) async throws {
        let command = try #require(
            try await ProgramDescription.current().subcommands?.first { $0.commandName == name }
        )
        for arguments in [["help", name], [name, "--help"]] {
            let result = try await Program.run(arguments)
            #expect(result.status == 0, "\(result)")
            for spelling in command.options.flatMap(\.spellings) { #expect(result.text.contains(spelling)) }
        }
    }

    @Test(
        "A mistyped name is reported with a suggestion",
        arguments: [
            (["--cuont", "3", "echo:"], "wsline: unknown option \"--cuont\"; did you mean \"--count\"?\n"),
            (["--noproxy", "x", "echo:"], "wsline: unknown option \"--noproxy\"; did you mean \"--proxy\"?\n"),
            (["-Z", "echo:"], "wsline: unknown option \"-Z\"; wsline help connect lists the options\n"),
            (["test", "--junti", "x.ws"], "wsline: unknown option \"--junti\"; did you mean \"--junit\"?\n"),
            (["replay", "-Z", "f", "echo:"], "wsline: unknown option \"-Z\"; wsline help replay lists the options\n"),
            (["--foo"], "wsline: unknown option \"--foo\"; wsline help connect lists the options\n"),
            (["--cuont"], "wsline: unknown option \"--cuont\"; did you mean \"--count\"?\n"),
            (
                ["-x", "--foo", "--preti", "-w", "soon"],
                "wsline: unknown option \"--preti\"; did you mean \"--pretty\"?\n"
            ),
            (["-x", "--foo"], "wsline: missing expected argument \"<url>\"; wsline help connect lists the options\n"),
            (["test", "--foo"], "wsline: unknown option \"--foo\"; did you mean \"--for\"?\n"),
            (["replay", "--sped=2"], "wsline: unknown option \"--sped\"; did you mean \"--speed\"?\n"),
            (["serve", "-R", "x", "0"], "wsline: unknown option \"-R\"; wsline help serve lists the options\n"),
            (
                ["help", "nothing"],
                "wsline: unknown command \"nothing\"; commands: connect, test, wait, replay, serve\n"
            ),
            (["help", "serv"], "wsline: unknown command \"serv\"; did you mean serve?\n"),
            (["serv", "8080"], "wsline: unexpected argument \"8080\"; did you mean wsline serve?\n"),
            (["serv", "--broadcast", "0"], "wsline: unknown option \"--broadcast\"; did you mean wsline serve?\n"),
        ]
    )
    func nearNames(arguments: [String], words: String) async throws {
        let result = try await Program.run(arguments)
        #expect(result.status == 64, "\(result)")
        #expect(result.error == words, "\(result)")
    }

    @Test(
        "Completion scripts complete the options of connect without typing its name",
        arguments: ["bash", "zsh", "fish"]
    )
    func completionScripts(shell: String) async throws {
        for arguments in [["--generate-completion-script", shell], ["--generate-completion-script=\(shell)"]] {
            let result = try await Program.run(arguments)
            #expect(result.status == 0, "\(result)")
            #expect(result.text.contains("# Without a command, complete for connect."), "\(shell)")
            #expect(result.text.contains("connect test wait replay serve help"), "\(shell)")
        }
    }

    @Test("--version prints a version of three numbers")
    func version() async throws {
        let result = try await Program.run(["--version"])
        #expect(result.status == 0 && result.text == "wsline \(Wsline.version)\n", "\(result)")
        #expect(Wsline.version.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+/) != nil)
    }
}
