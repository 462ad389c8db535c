import Foundation
import ProcessSupport
import TerminalSupport
import TestSupport
import Testing

/// Tests of looking back, repeating, snippets, profiles and JSON warnings at a pseudo-terminal.
extension SessionCommandTests {
    @Test("Earlier messages are shown whole, saved, found and copied by number")
    func lookBack() async throws {
        let folder = try Folder()
        let terminal = try await start()
        try await terminal.send("/set numbers on\r")
        try await terminal.wait(for: "^numbers +on")
        try await terminal.send("{\"a\":[1,2]}\r")
        try await terminal.wait(for: "^2 < ")
        try await terminal.send("second needle\r")
        try await terminal.wait(for: #"^2 < \{"a":\[1,2\]\}\n> second needle\n4 < second needle$"#)
        try await terminal.send("/show 2\r")
        try await terminal.wait(
            for: #"^message 2, received [\d:.]+, text, 11 bytes\n\{\n  "a": \[\n    1,\n    2\n  \]\n\}\n> *$"#
        )
        try await terminal.send("/find needle\r")
        try await terminal.wait(for: #"^3 [\d:.]+ > second needle\n4 [\d:.]+ < second needle\n> *$"#)
        try await terminal.send("/save \(folder.path)/a b -2\r")
        try await terminal.wait(for: "^saved message 2 to ")
        #expect(try folder.read("a b") == #"{"a":[1,2]}"#)
        try await terminal.send("/save \(folder.path)/a b\r")
        try await terminal.wait(for: "^not saved: ")
        #expect(try folder.read("a b") == #"{"a":[1,2]}"#)
        try await terminal.send("/copy 2\r")
        try await terminal.wait(for: "^copied message 2, 11 bytes")
        let encoded = Data(#"{"a":[1,2]}"#.utf8).base64EncodedString()
        #expect(try await terminal.transcript().contains("\u{1B}]52;c;\(encoded)\u{07}"))
        try await terminal.send("/show 99\r")
        try await terminal.wait(for: "^message 99 is not kept; the messages from 1 to 4 are")
    }

    @Test("A message that is too long to copy is refused, and without a scrollback nothing is kept")
    func limits() async throws {
        let folder = try Folder()
        let file = try folder.write(String(repeating: "x", count: 80_000), to: "file")
        let terminal = try await start()
        try await terminal.send("/set fold 100\r/send \(file)\r")
        try await terminal.wait(for: "^  … 79900 bytes more")
        try await terminal.send("/copy\r")
        try await terminal.wait(for: "^not copied: message 2 has 80000 bytes")
        let other = try await start(["--scrollback", "off", "echo:"])
        try await other.send("a\r")
        try await other.wait(for: "^< a$")
        try await other.send("/show\r")
        try await other.wait(for: #"^no messages are kept \(--scrollback off\)\n> *$"#)
        try await other.send("/find a\r")
        try await other.wait(for: #"^> /find a\nno messages are kept \(--scrollback off\)\n> *$"#)
        try await terminal.send("/find nothing\r")
        try await terminal.wait(for: "^no message of 2 matches nothing$")
    }

    @Test("A message that is taller than the screen is shown in the pager, in which control characters are escaped")
    func pager() async throws {
        let folder = try Folder()
        let pager = try folder.write(
            "stty -a < /dev/tty | grep -o ' icanon'; grep -n 'message 2,\\|row 3.e'",
            to: "pager"
        )
        let terminal = try await start(environment: ["PAGER": "sh \(pager)"])
        let rows = (1...40).map { "row \($0)\u{1B}[2J" }.joined(separator: "\n")
        try await terminal.send("\u{1B}[200~\(rows)\u{1B}[201~\r")
        try await terminal.wait(for: #"^  row 40\\e\[2J\n> *$"#)
        try await terminal.send("/show\rtyped")
        try await terminal.wait(for: #"^ icanon\n1:message 2, .*\n4:row 3\\e\[2J\n> typed$"#)
    }

    @Test("A message is repeated until it is stopped, also after reconnecting; /again sends the last one again")
    func repeated() async throws {
        let terminal = try await start()
        try await terminal.send("/repeat 20ms tick\r")
        try await terminal.wait(for: #"(^> tick\n< tick\n[\s\S]*){3}"#)
        try await terminal.send("/reconnect\r")
        try await terminal.wait(for: #"^connected to [\s\S]*(^> tick\n< tick\n[\s\S]*){3}"#)
        try await terminal.send("/repeat\r")
        try await terminal.wait(for: #"^every 0\.02 s: tick$"#)
        try await terminal.send("/repeat stop\r")
        try await terminal.wait(for: "^stopped 1 repeated message$")
        try await terminal.send("last\r")
        try await terminal.wait(for: "^< last$")
        try await terminal.send("/again\r")
        try await terminal.wait(for: "^< last\n> /again\n> last\n< last\n> *$")
        try await terminal.send("/repeat 1s /quit\r")
        try await terminal.wait(for: "^/repeat repeats messages and snippets")
    }

    @Test("/again sends the last message of -x again if none was sent since, and /find says when there are no messages")
    func againAfterExecute() async throws {
        let terminal = try await start(["-i", "-x", "first", "-x", "second", "echo:"])
        try await terminal.wait(for: "^< second$")
        try await terminal.send("/again\r")
        try await terminal.wait(for: "^> /again\n> second\n< second\n> *$")
        try await terminal.send("third\r/reconnect\r")
        try await terminal.wait(for: "^< third$[\\s\\S]*^< first\n< second$")
        try await terminal.send("/again\r")
        try await terminal.wait(for: "^> /again\n> third\n< third\n> *$")
        let other = try await start()
        try await other.send("/again\r/find x\r")
        try await other.wait(for: "^no message has been sent yet\n[\\s\\S]*^there are no messages yet$")
    }

    @Test("--every sends a message at an interval")
    func every() async throws {
        let result = try await Program.run(["--every", "10ms tick", "--count", "3", "--receive-only", "echo:"])
        #expect(result.text == "tick\ntick\ntick\n" && result.status == 0, "\(result)")
    }

    @Test("!N and /history N put a line of the history on the prompt, for editing")
    func recall() async throws {
        let terminal = try await start()
        try await terminal.send("one\r")
        try await terminal.wait(for: "^< one$")
        try await terminal.send("!1\r")
        try await terminal.wait(for: "^> !1\n> one$")
        try await terminal.send(" more\r")
        try await terminal.wait(for: "^< one more$")
        try await terminal.send("/history 2\r")
        try await terminal.wait(for: "^> /history 2\n> one more$")
        try await terminal.send("\u{15}!9\r")
        try await terminal.wait(for: "^the history has no line 9")
        try await terminal.send("!!9\r")
        try await terminal.wait(for: "^< !9$")
    }

    @Test("/send -l sends each line of a file, and stops at one that is no text")
    func sendLines() async throws {
        let folder = try Folder()
        let file = try folder.write("a\n\nc", to: "lines")
        let terminal = try await start()
        try await terminal.send("/send -l \(file)\r")
        try await terminal.wait(for: "^< c$")
        try await terminal.wait(for: "^sent 3 lines of ")
        try Data([0x61, 0x0A, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: folder.path + "/bad"))
        try await terminal.send("/send -l \(folder.path)/bad\r")
        try await terminal.wait(for: #"^sent 1 line of [\s\S]*line 2 of\s+the file is not UTF-8"#)
        try await terminal.send("/send -l \(folder.path)/missing\r")
        try await terminal.wait(for: "^cannot read ")
    }

    @Test("Enter warns once about invalid JSON, beside the prompt, and messages do not disturb the warning")
    func checkJSON() async throws {
        let terminal = try await start()
        try await terminal.send("/repeat 50ms tick\r")
        try await terminal.send("{\"a\":}\r")
        try await terminal.wait(for: #"^< tick\ninvalid JSON at column 6, Enter sends it > \{"a":\}$"#)
        try await terminal.wait(for: #"^< tick\ninvalid JSON at column 6, Enter sends it > \{"a":\}$"#)
        // A change hides the warning until the next Enter.
        try await terminal.send("\u{7F}1")
        try await terminal.wait(for: #"^> \{"a":1$"#)
        try await terminal.send("\r")
        try await terminal.wait(for: #"^invalid JSON at column 7, Enter sends it > \{"a":1$"#)
        try await terminal.send("\r")
        try await terminal.wait(for: #"^> \{"a":1\n"#)
        try await terminal.wait(for: #"^< \{"a":1$"#)
        try await terminal.send("/repeat stop\r/set check-json off\r")
        try await terminal.wait(for: "^check-json +off")
        try await terminal.send("[1\r")
        try await terminal.wait(for: #"^> \[1\n< \[1\n> *$"#)
    }

    // MARK: The configuration file

    private func environment(_ folder: borrowing Folder, _ config: String) throws -> [String: String] {
        let path = try folder.write(config, to: "config")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return ["WSLINE_CONFIG": path]
    }

    @Test("A profile, settings and snippets of the configuration file are used, and Tab completes their names")
    func config() async throws {
        let folder = try Folder()
        let environment = try environment(
            folder,
            """
            timestamps
            [dev]
            url echo:
            [bad]
            url ws://127.0.0.1:1/bad
            [snippets]
            subscribe {"op":"${verb}","channel":"$1"}
            [variables]
            verb sub
            """
        )
        let terminal = try await start(["@dev"], environment: environment)
        try await terminal.send("/subs\tticker\r")
        try await terminal.wait(
            for: #"^[\d:.]+ > /subscribe ticker\n[\d:.]+ > \{"op":"sub","channel":"ticker"\}\n[\d:.]+ < \{"op":"sub""#
        )
        try await terminal.send("/snippets\r")
        try await terminal.wait(for: #"^subscribe  \{"op":"\$\{verb\}","channel":"\$1"\}$"#)
        try await terminal.send("/snippet hi hello $1\r/hi there\r")
        try await terminal.wait(for: "< hello there$")
        try await terminal.send("/subscribe\r")
        try await terminal.wait(for: "^not sent: /subscribe requires 1 argument: ")
        try await terminal.send("/reconnect @b\t\r")
        try await terminal.wait(for: #"^cannot connect to 127\.0\.0\.1:1: [\s\S]*^disconnected> *$"#)
    }

    @Test(
        "A mistake in the configuration file is reported with its place",
        arguments: [
            ("prety\n", [], 66, "config:1:1: unknown option \"prety\"; did you mean pretty?"),
            ("[a]\nurl echo:\nfold 1\n", ["@a"], 64, #"config:3:6: invalid value "1" for fold: "#),
            ("[a]\nurl echo:\nwait soon\n", ["@a"], 64, "config:3:6: "),
            ("[a]\nurl htp://x\n", ["@a"], 64, #"config:2:5: invalid URL "htp://x""#),
            ("[prod]\nurl echo:\n", ["@prd"], 66, #"has no profile "prd"; did you mean @prod?"#),
            ("", ["--no-config", "@a"], 64, "--no-config and @a cannot be used together"),
        ] as [(String, [String], Int32, String)]
    )
    func configMistakes(config: String, arguments: [String], status: Int32, error: String) async throws {
        let folder = try Folder()
        let environment = try environment(folder, config)
        let arguments = arguments.isEmpty ? ["echo:"] : arguments
        let result = try await Program.run(arguments, environment: environment)
        #expect(result.status == status && result.error.contains(error), "\(result)")
        let without = try await Program.run(["--no-config", "-x", "a", "-1", "echo:"], environment: environment)
        #expect(without.status == 0, "\(without)")
    }

    @Test("A configuration file that others can write is refused", arguments: [0o620, 0o602])
    func sharedConfig(mode: Int) async throws {
        let folder = try Folder()
        let environment = try environment(folder, "pretty\n")
        let path = try #require(environment["WSLINE_CONFIG"])
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let result = try await Program.run(["-x", "a", "-1", "echo:"], environment: environment)
        #expect(result.status == 66 && result.text.isEmpty, "\(result)")
        #expect(result.error.contains("can be written by others; run: chmod go-w \(path)"), "\(result)")
    }

    @Test("The command line overrides a profile, which overrides the options before it; display settings need a prompt")
    func overriding() async throws {
        let folder = try Folder()
        let (requests, request) = AsyncStream.makeStream(of: String.self)
        try await RawServer.run { client in
            request.yield(try await client.upgrade(then: ServerFrame.text(#"{"a":1}"#) + ServerFrame.close(1000)))
            await client.waitForEnd()
        } _: { port in
            let environment = try environment(
                folder,
                """
                pretty
                user-agent all
                auth all:secret
                header X-A: all
                header X-B: all
                [a]
                url ws://127.0.0.1:\(port)/
                bearer profile
                header X-A: profile
                """
            )
            let result = try await Program.run(
                ["-A", "line", "-H", "x-b: line", "--receive-only", "@a"],
                environment: environment
            )
            #expect(result.status == 0 && result.text == "{\"a\":1}\n", "\(result)")
        }
        request.finish()
        let received = await requests.first { _ in true } ?? ""
        for field in ["User-Agent: line", "Authorization: Bearer profile", "X-A: profile", "x-b: line"] {
            #expect(received.contains(field + "\r\n"), "\(received)")
        }
        #expect(!received.contains("all"), "\(received)")
    }

    @Test("The file is found in XDG_CONFIG_HOME, and /reconnect @NAME uses the options of the profile only")
    func reconnectToProfile() async throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path + "/wsline", withIntermediateDirectories: true)
        let (requests, request) = AsyncStream.makeStream(of: String.self)
        try await RawServer.run { client in
            request.yield(try await client.upgrade(then: ServerFrame.text("hello")))
            await client.waitForEnd()
        } _: { port in
            let config = "user-agent all\n[a]\nurl ws://127.0.0.1:\(port)/\nbearer !echo profile\n"
            let file = try folder.write(config, to: "wsline/config")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            let terminal = try await start(
                ["--bearer", "line", "echo:"],
                environment: ["XDG_CONFIG_HOME": folder.path]
            )
            try await terminal.send("/reconnect @a\r")
            try await terminal.wait(for: "^< hello$")
            try await terminal.send("/reconnect\r")
            try await terminal.wait(for: #"(^< hello$[\s\S]*){2}"#)
            try await terminal.send("/reconnect @b\r")
            try await terminal.wait(for: #"has no profile\s+"b"; profiles: a$"#)
        }
        request.finish()
        let received = await requests.reduce(into: []) { $0.append($1) }
        #expect(received.count == 2)
        for text in received {
            #expect(text.contains("Bearer profile\r\n") && text.contains("User-Agent: all\r\n"), "\(text)")
            #expect(!text.contains("line"), "\(text)")
        }
    }

    @Test("A script connects to a profile, whose commands --no-commands forbids")
    func scriptProfile() async throws {
        let folder = try Folder()
        let environment = try environment(folder, "[a]\nurl echo:\n[b]\nurl echo:\nbearer !echo t\n")
        for (name, options, status) in [("a", [], 0), ("b", [], 0), ("a", ["--no-commands"], 0)] {
            let script = try folder.write("connect @\(name)\n> hi\n< hi\n", to: "\(name).ws")
            let result = try await Program.run(["test", script] + options, environment: environment)
            #expect(result.status == Int32(status), "\(result)")
        }
        let refused = try await Program.run(["test", "--no-commands", "\(folder.path)/b.ws"], environment: environment)
        #expect(refused.status == 65 && refused.error.contains("b.ws:1:9: commands are not allowed"), "\(refused)")
        let unknown = try folder.write("connect @aa\n> hi\n", to: "unknown.ws")
        let result = try await Program.run(["test", unknown], environment: environment)
        #expect(result.status == 65 && result.error.contains("unknown.ws:1:9: "), "\(result)")
        // No value of a variable is a profile.
        let variable = try folder.write("connect ${P}\n> hi\n", to: "variable.ws")
        let other = try await Program.run(["test", "--set", "P=@a", variable], environment: environment)
        #expect(other.status == 65, "\(other)")
    }
}
