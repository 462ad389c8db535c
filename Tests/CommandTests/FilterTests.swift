import Foundation
import ProcessSupport
import TerminalSupport
import TestSupport
import Testing

/// Tests of filters, selections, automatic answers and display commands with the built program.
@Suite(.fewAtATime) struct FilterTests {
    private static let trade = #"{"type":"trade","p":1.50}"#
    private static let quote = #"{"type":"quote","p":2}"#

    /// Runs wsline with messages that come back from the echo server.
    private static func echo(_ arguments: [String], _ messages: [String]) async throws -> ProgramResult {
        try await Program.run(["-w", "0.3"] + messages.flatMap { ["-x", $0] } + arguments + ["echo:"])
    }

    @Test(
        "A pipe gets only messages that pass the filters, or the values selected from them",
        arguments: [
            (["--filter", #"{"type":"trade"}"#], trade + "\n"), (["--filter", "trade"], trade + "\n"),
            (["--filter", "~qu.te"], quote + "\n"), (["--hide", "quote"], trade + "\nheartbeat\n"),
            (["--filter", "type", "--hide", "quote"], trade + "\n"), (["--filter", "type", "--filter", "nothing"], ""),
            (["--select", "$.p"], "1.50\n2\n"), (["--select", "$.type", "--filter", "quote"], "quote\n"),
            (["--select", "$[*]", "--framing", "nul"], "1.5\0trade\02\0quote\0"),
            (["--select", "$.p", "--select-only", "--pretty"], "1.50\n2\n"),
        ]
    )
    func pipe(arguments: [String], output: String) async throws {
        let result = try await Self.echo(arguments, [Self.trade, Self.quote, "heartbeat"])
        #expect(result.status == 0, "\(result)")
        #expect(result.text == output, "\(result)")
    }

    @Test("--count counts printed messages, and --expect sees all")
    func counting() async throws {
        let messages = ["heartbeat", Self.quote, Self.trade, Self.trade]
        let one = try await Self.echo(["-1", "--filter", "trade"], messages)
        #expect(one.text == Self.trade + "\n", "\(one)")
        let expected = try await Self.echo(["--expect", "heartbeat", "--filter", "trade"], messages)
        #expect(expected.status == 0, "\(expected)")
    }

    @Test("With --json, filters apply to the printed events, and a recording has all of them")
    func events() async throws {
        let folder = try SessionCommandTests.Folder()
        let result = try await Self.echo(
            ["--json", "--record", folder.path + "/all", "--filter", "trade"],
            [Self.trade, Self.quote]
        )
        func received(_ text: String) -> Int { text.split(separator: "\n").count { $0.contains(#""received""#) } }
        #expect(received(result.text) == 1, "\(result)")
        #expect(received(try folder.read("all")) == 2)
    }

    @Test(
        "An invalid option exits with 64 and says why",
        arguments: [
            (["--filter", "~("], "invalid regular expression"), (["--hide", "~(?=x)"], "can take too long"),
            (["--select", "p"], "invalid JSONPath"), (["--select-only"], "--select-only requires --select"),
            (["--json", "--select", "$"], "--json cannot be used"), (["--on", "x"], "must be PATTERN=TEXT"),
        ]
    )
    func invalid(arguments: [String], reason: String) async throws {
        let result = try await Program.run(arguments + ["echo:"])
        #expect(result.status == 64, "\(result)")
        #expect(result.error.contains(reason), "\(result)")
    }

    @Test("--on answers messages, also those of a server's clients")
    func answers() async throws {
        let server = try Program("wsline", ["serve", "0", "--on", #"{"id":*id}={"answer":${id}}"#])
        defer { server.signal(SIGTERM) }
        let url = try #require(await server.readErrorLine().split(separator: " ").last)
        let arguments = ["-x", #"{"id":7}"#, "--on", #"{"answer":7}=bye"#, "--on", "~nothing=x", String(url)]
        let result = try await Program.run(["--json", "-w", "0.5"] + arguments)
        #expect(result.text.contains(#""direction":"received","type":"text","data":"{\"answer\":7}""#), "\(result)")
        #expect(result.text.contains(#""direction":"sent","type":"text","data":"bye""#), "\(result)")
        #expect(result.error.isEmpty, "\(result)")
    }

    // MARK: At a terminal

    private func start(_ arguments: [String] = ["echo:"]) async throws -> PseudoTerminal {
        let terminal = try await PseudoTerminal(SessionCommandTests.wsline, arguments)
        try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
        return terminal
    }

    @Test(
        "A typed command changes how messages are displayed",
        arguments: [
            [("/filter b", "^filter b$"), ("a", "^… 1 hidden\n> *$"), ("b1", "^> b1\n< b1$")],
            [("/filter !a", "^filter !a$"), ("a", "^… 1 hidden\n> *$"), ("b", "^> b\n< b$")],
            [
                ("/filter a", "^filter a$"), ("/filter b", "^filter a\nfilter b$"), ("/filter off", "^no filter; "),
                ("x", "^> x\n< x$"),
            ],
            [("/filter", "^no filter; /filter PATTERN"), ("/filter ~(", "^invalid filter: invalid regular")],
            [("/filter ~(a)\\1", "^invalid filter: .* can take too long"), ("x", "^< x$")],
            [("/set select $.p", #"^select +\$\.p "#), (#"{"p":[1, 2]}"#, #"^< \[1,2\]$"#), ("x", "^< x$")],
            [
                ("/set select $.p", #"^select +\$\.p "#), ("/set select-only on", "^select-only +on"),
                ("x", "^> x\n… 1 hidden$"), ("/info", "^hidden       1 message$"),
            ],
            [("/set select x", #"^invalid JSONPath "x""#)],
            [("/on ping pong", "^on ping pong$"), ("ping", "^> ping\n< ping\n> pong\n< pong\n> *$")],
            [("/on a b", "^on a b$"), ("/on off", "^no rules; "), ("a", "^> a\n< a\n> *$")],
            [("/on off x", #"^no rule has the pattern "x""#)],
            [
                ("/set timestamps delta", "^timestamps +delta"),
                ("a", #"^\+\d+\.\d\d\d > a\n\+\d+\.\d\d\d < a$"#),
            ],
            [("/info", #"^last 10 s    0 messages/s and 0 bytes/s received, 0 messages/s"#)],
            [("/info", "^response     101 Switching Protocols\n.*: ")],
            [("/set verbose on", "^verbose +on"), ("/reconnect", #"^< HTTP/1\.1 101 "#)],
        ] as [[(String, String)]]
    )
    func typed(steps: [(String, String)]) async throws {
        let terminal = try await start()
        for (line, shown) in steps {
            try await terminal.send(line + "\r")
            try await terminal.wait(for: shown)
        }
    }

    @Test("Commands take no part in the time between messages")
    func deltaAfterCommands() async throws {
        let terminal = try await start(["--timestamps=delta", "echo:"])
        try await terminal.send("a\r")
        try await terminal.wait(for: "< a$")
        let start = ContinuousClock.now
        for name in ["pretty", "fold", "numbers", "verbose"] {
            try await terminal.send("/set \(name)\r")
            try await terminal.wait(for: "^\(name) ")
        }
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        try await terminal.send("b\r")
        try await terminal.wait(for: "> b$")
        let line = try #require(try await terminal.lines().first { $0.hasSuffix("> b") })
        let shown = try #require(line.firstMatch(of: /^\+(\d+\.\d\d\d)/).flatMap { Double($0.1) })
        #expect(shown >= elapsed - 0.001, "\(line)")
    }

    /// Starts a display command and waits until it reads messages.
    private func pipe(_ terminal: PseudoTerminal, _ command: String) async throws {
        try await terminal.send("/pipe \(command)\r")
        try await terminal.wait(
            for: "^messages are shown through \"" + NSRegularExpression.escapedPattern(for: command)
        )
    }

    @Test("/pipe shows the output of a command, escaped; it ends with /pipe off, by itself, or with the session")
    func displayCommand() async throws {
        let terminal = try await start()
        try await pipe(terminal, #"perl -pe 's/.*/<$&> \e[2J/; $|=1'"#)
        try await terminal.send("one\r")
        try await terminal.wait(for: #"^< <one> \\e\[2J$"#)
        try await terminal.send("/pipe off\r")
        try await terminal.wait(for: "^messages are shown directly again$")
        try await terminal.send("two\r")
        try await terminal.wait(for: "^< two$")
        try await pipe(terminal, "head -n 1; exit 3")
        try await terminal.send("three\r")
        try await terminal.wait(for: "^< three\nthe command exited with status 3; messages are shown directly again$")
        try await pipe(terminal, "exec sleep 1000")
        try await pipe(terminal, "cat")
        try await terminal.send("four\r")
        try await terminal.wait(for: "^< four$")
        // The end of the first command must not end the second one.
        try await Task.sleep(for: .milliseconds(300))
        try await terminal.send("five\r")
        try await terminal.wait(for: "^> five\n< five$")
        #expect(try await !terminal.lines().contains { $0.contains("exited with status 1") })
        try await pipe(terminal, "echo pid $$; exec sleep 1000")
        let screen = try await terminal.wait(for: #"^< pid \d+$"#)
        let text = screen.rows.joined(separator: "\n")
        let process = try #require(text.matches(of: /< pid ([0-9]+)/).last.flatMap { Int32($0.output.1) })
        try await terminal.send("/quit\r")
        #expect(try await terminal.exitStatus() == 0)
        // The process that adopts it may take a moment.
        for _ in 0..<1000 where kill(process, 0) == 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(kill(process, 0) == -1)
    }

    @Test("At a server, messages are filtered, answered and piped as in a session")
    func server() async throws {
        let terminal = try await PseudoTerminal(SessionCommandTests.wsline, ["serve", "0"])
        let screen = try await terminal.wait(for: #"^listening on ws://[\s\S]*^> *$"#)
        let url = try #require(screen.rows.joined(separator: "\n").firstMatch(of: /ws:\/\/[^ ]+/)).output
        let client = try Program("wsline", [String(url)])
        defer { client.signal(SIGKILL) }
        try await terminal.wait(for: "^client 1 connected")
        try await terminal.send("/filter !heartbeat\r/on ping pong\r")
        try await terminal.wait(for: "^on ping pong$")
        client.write(Data("heartbeat\nping\n".utf8))
        try await terminal.wait(for: "^1< ping$")
        #expect(String(decoding: await client.readOutput(), as: UTF8.self) == "pong\n")
        try await terminal.send("/filter off\r/set select $.p\r")
        try await terminal.wait(for: #"^select +\$\.p "#)
        try await pipe(terminal, "sed -u s/^/value:/")
        client.write(Data("{\"p\":1}\n".utf8))
        try await terminal.wait(for: "^< value:1$")
        try await terminal.send("/quit\r")
        #expect(try await terminal.exitStatus() == 0)
    }

    @Test(
        "Typing stays responsive while 100,000 messages a second arrive",
        arguments: [[], ["--filter", #"{"type":"trade"}"#, "--select", "$.p"]]
    )
    func flood(arguments: [String]) async throws {
        let block = (0..<1000).map { number in
            let type = number % 10 == 0 ? "trade" : "quote"
            return ServerFrame.text(
                #"{"type":"\#(type)","p":\#(number),"text":"\#(String(repeating: "x", count: 60))"}"#
            )
        }
        let bytes = Array(block.joined())
        try await RawServer.run { client in
            try await client.upgrade()
            while true {
                try await client.write(bytes)
                try await Task.sleep(for: .milliseconds(10))
            }
        } _: { port in
            let terminal = try await PseudoTerminal(
                SessionCommandTests.wsline,
                arguments + ["--exit", "127.0.0.1:\(port)"]
            )
            try await terminal.wait(for: "^> *$")
            var typed = ""
            for character in "typed while they arrive" {
                typed.append(character)
                try await terminal.send(String(character))
                if character != " " { try await terminal.wait(for: "^> \(typed)$") }
            }
            try await terminal.send("\u{15}/quit\r")
            #expect(try await terminal.exitStatus() == 0)
        }
    }
}
