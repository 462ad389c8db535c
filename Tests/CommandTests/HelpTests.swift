import ProcessSupport
import TestSupport
import Testing

@testable import wsline

/// What helps somebody who does not know the program yet.
@Suite(.fewAtATime) struct HelpTests {
    @Test("The first page fits on a screen, names each command, and no option that there is not")
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

    @Test("A value that may be left out stands in brackets")
    func optionalValue() async throws {
        for arguments in [["help"], ["help", "connect"]] {
            let result = try await Program.run(arguments)
            #expect(result.text.contains("\n  --reconnect [<n>] "), "\(result)")
        }
        let wrong = try await Program.run(["--reconnect=x", "echo:"])
        #expect(wrong.error.contains("for '--reconnect [<n>]': it is a number"), "\(wrong)")
    }

    @Test("The help of a command has all its options", arguments: ["connect", "test", "wait", "replay", "serve"])
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
        "What is misspelt is told with what was meant",
        arguments: [
            (["--cuont", "3", "echo:"], "wsline: Unknown option '--cuont'. Did you mean '--count'?\n"),
            (["--noproxy", "x", "echo:"], "wsline: Unknown option '--noproxy'. Did you mean '--proxy'?\n"),
            (["-Z", "echo:"], "wsline: Unknown option '-Z'; wsline help connect lists the options\n"),
            (["test", "--junti", "x.ws"], "wsline: Unknown option '--junti'. Did you mean '--junit'?\n"),
            (["replay", "-Z", "f", "echo:"], "wsline: Unknown option '-Z'; wsline help replay lists the options\n"),
            (["--foo"], "wsline: Unknown option '--foo'. Did you mean '--one'?\n"),
            (["--cuont"], "wsline: Unknown option '--cuont'. Did you mean '--count'?\n"),
            (["-x", "--foo", "--preti", "-w", "soon"], "wsline: Unknown option '--preti'. Did you mean '--pretty'?\n"),
            (["-x", "--foo"], "wsline: Missing expected argument '<url>'; wsline help connect lists the options\n"),
            (["test", "--foo"], "wsline: Unknown option '--foo'. Did you mean '--for'?\n"),
            (["replay", "--sped=2"], "wsline: Unknown option '--sped'. Did you mean '--speed'?\n"),
            (["serve", "-R", "x", "0"], "wsline: Unknown option '-R'; wsline help serve lists the options\n"),
            (
                ["help", "nothing"],
                "wsline: there is no command \"nothing\"; there are connect, test, wait, replay, serve\n"
            ),
            (["help", "serv"], "wsline: there is no command \"serv\"; did you mean serve?\n"),
            (["serv", "8080"], "wsline: Unexpected argument '8080'; did you mean wsline serve?\n"),
            (["serv", "--echo", "0"], "wsline: Unknown option '--echo'; did you mean wsline serve?\n"),
        ]
    )
    func nearNames(arguments: [String], words: String) async throws {
        let result = try await Program.run(arguments)
        #expect(result.status == 64, "\(result)")
        #expect(result.error == words, "\(result)")
    }

    @Test(
        "The completion scripts complete the options of connect without its name",
        arguments: ["bash", "zsh", "fish"]
    )
    func completionScripts(shell: String) async throws {
        for arguments in [["--generate-completion-script", shell], ["--generate-completion-script=\(shell)"]] {
            let result = try await Program.run(arguments)
            #expect(result.status == 0, "\(result)")
            #expect(result.text.contains("# Without a command it is connect."), "\(shell)")
            #expect(result.text.contains("connect test wait replay serve help"), "\(shell)")
        }
    }

    @Test("The version is told, and is one of three numbers")
    func version() async throws {
        let result = try await Program.run(["--version"])
        #expect(result.status == 0 && result.text == "wsline \(Wsline.version)\n", "\(result)")
        #expect(Wsline.version.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+/) != nil)
    }
}
