import Foundation
import ProcessSupport
import TerminalSupport
import TestSupport
import Testing

/// Tests of the built program at a pseudo-terminal, whose screen is compared.
@Suite(.fewAtATime) struct InteractiveTests {
    private static let wsline = Program.folder.appendingPathComponent("wsline").path

    /// Starts the program and waits for its prompt.
    private func start(_ arguments: [String]) async throws -> PseudoTerminal {
        let terminal = try await PseudoTerminal(Self.wsline, arguments)
        try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
        return terminal
    }

    /// Starts the program from a shell that prints its exit status and compares the terminal modes before and after.
    private func startFromShell(_ arguments: String) async throws -> PseudoTerminal {
        let script =
            #"stty -a > "$0.modes"; "$1" $2; echo "status $?"; stty -a | cmp - "$0.modes" && echo same modes"#
        let modes = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let terminal = try await PseudoTerminal(
            "/bin/sh",
            ["-c", script + #"; rm "$0.modes""#, modes, Self.wsline, arguments]
        )
        try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
        return terminal
    }

    @Test("A typed line is sent, and its reply appears above the next prompt")
    func echo() async throws {
        let terminal = try await start(["echo:"])
        try await terminal.send("hello\r")
        try await terminal.wait(for: #"^> hello\n< hello\n> *$"#)
        try await terminal.send("//slash\r")
        try await terminal.wait(for: #"^> //slash\n< /slash\n> *$"#)
        try await terminal.send("\u{4}")
        #expect(try await terminal.exitStatus() == 0)
        #expect(try await terminal.lines().contains("closed: 1000 normal closure"))
    }

    @Test(
        "A thousand messages at a hundred per second do not disturb the line being typed or its cursor",
        arguments: [
            "a short line", String(repeating: "a-line-that-wraps-over-two-rows-", count: 3),
            "wide 你好 characters 👍 and é combined",
        ]
    )
    func arrivals(text: String) async throws {
        let messages = 1000
        let (typed, isTyped) = AsyncStream.makeStream(of: Void.self)
        try await RawServer.run { client in
            try await client.upgrade()
            for await _ in typed { break }
            for number in 1...messages {
                try await client.write(ServerFrame.text("message \(number)"))
                try await Task.sleep(for: .milliseconds(10))
            }
            let line = try await client.readFrame()
            try await client.write(ServerFrame.frame(0x81, line.payload) + ServerFrame.close(1000))
            _ = try await client.readFrame()
        } _: { port in
            let terminal = try await start(["--exit", "127.0.0.1:\(port)"])
            try await terminal.send(text + String(repeating: "\u{1B}[D", count: 5))
            let before = try await terminal.wait(for: #"^> "#)
            isTyped.finish()
            try await terminal.wait(for: "^< message 400$")
            try await terminal.send("X")
            let split = text.index(text.endIndex, offsetBy: -5)
            let edited = text[..<split] + "X" + text[split...]
            // The line is drawn again after the message.
            let after = try await terminal.wait(for: "^< message 1000$(.|\n)*X" + edited.suffix(5))
            let rows = after.rows.drop { !$0.hasPrefix("> ") }.filter { !$0.isEmpty }
            #expect(rows.joined().dropFirst(2) == edited, "\(after)")
            #expect(before.rows != after.rows)
            try await terminal.send("\r")
            #expect(try await terminal.exitStatus() == 0)
            let lines = try await terminal.lines()
            #expect(lines.filter { $0.hasPrefix("< message ") } == (1...messages).map { "< message \($0)" })
            // The server received the line as typed.
            #expect(lines.joined().contains("< \(edited)"), "\(lines.suffix(6))")
        }
    }

    @Test(
        "A message can neither control the terminal nor imitate other output",
        arguments: [
            ("\u{1B}[2J\u{1B}]0;title\u{7}", #"< \e[2J\e]0;title\u{7}"#), ("a\rb", #"< a\rb"#),
            ("\u{202E}right to left", #"< \u{202E}right to left"#), ("\u{9B}31mred", #"< \u{9B}31mred"#),
            ("two\nlines", "< two\n  lines"),
        ]
    )
    func controlCharacters(message: String, shown: String) async throws {
        try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.text(message) + ServerFrame.text("end"))
            await client.waitForEnd()
        } _: { port in
            let terminal = try await start(["127.0.0.1:\(port)"])
            let screen = try await terminal.wait(for: "^< end$")
            #expect(screen.rows.joined(separator: "\n").contains(shown + "\n< end"), "\(screen)")
        }
    }

    @Test("Binary messages are shown as a hex dump with their length; pings and pongs are shown with -P")
    func binaryAndPings() async throws {
        try await RawServer.run { client in
            let bytes = Array("hexadecimal\0\u{1}\u{7F}".utf8) + [0xFF, 0x41, 0x42]
            try await client.upgrade(then: ServerFrame.binary(bytes) + ServerFrame.ping("p"))
            await client.waitForEnd()
        } _: { port in
            let terminal = try await start(["-P", "127.0.0.1:\(port)"])
            let screen = try await terminal.wait(for: #"^< ping "p"$"#)
            let text = screen.rows.joined(separator: "\n")
            #expect(text.contains("< binary, 17 bytes\n"), "\(screen)")
            let first = "  00000000  68 65 78 61 64 65 63 69  6d 61 6c 00 01 7f ff 41  |hexadecimal....A|\n"
            let second = "  00000010  42" + String(repeating: " ", count: 48) + "|B|\n"
            #expect(text.contains(first + second), "\(screen)")
        }
    }

    @Test(
        "A typed command prints its result",
        arguments: [
            ("/ping", #"^pong after \d+\.\d\d ms$"#), ("/info", #"^received     0 messages, 0 bytes$"#),
            ("/help", #"^/snippet NAME TEXT +add "#), ("/help ping", #"^/ping \[DATA\]$"#),
            ("/pnig", #"/pnig; did you mean /ping"#), ("/close 1006", #"close code 1006"#),
            ("/close x", #"invalid code "x""#), ("/xyzzy", #"/help lists the commands"#),
        ]
    )
    func commands(typed: String, shown: String) async throws {
        let terminal = try await start(["echo:"])
        try await terminal.send(typed + "\r")
        try await terminal.wait(for: shown)
        #expect(try await !terminal.lines().contains { $0.hasPrefix("< /") })
    }

    @Test("/close sends its code and reason; the exit status is 0 if the server answers with the same code")
    func close() async throws {
        let terminal = try await start(["echo:"])
        try await terminal.send("/close 4000 bye\r")
        #expect(try await terminal.exitStatus() == 0)
        #expect(try await terminal.lines().contains("closed: 4000 private use"))
    }

    @Test(
        "Quitting restores the terminal and sets the exit status",
        arguments: [("\u{3}", 130), ("\u{4}", 0), ("/quit\r", 0)] as [(String, Int32)]
    )
    func leaving(keys: String, status: Int32) async throws {
        let terminal = try await startFromShell("echo:")
        try await terminal.send(keys)
        try await terminal.wait(for: "^status \(status)\nsame modes$")
    }

    @Test("Ctrl-C on a half-typed line discards it without sending it")
    func dropLine() async throws {
        let terminal = try await start(["echo:"])
        try await terminal.send("secret\u{3}")
        try await terminal.wait(for: #"secret[\s\S]*^> *$"#)
        try await terminal.send("kept\r")
        try await terminal.wait(for: "^< kept$")
        #expect(try await !terminal.lines().contains("< secret"))
    }

    @Test(
        "A session outlives its connection: Enter reconnects, and Ctrl-D quits with the connection's status",
        arguments: [
            (ServerFrame.close(4000, "later"), #"^the server closed the connection: 4000 private use: "later"$"#, 2),
            (ServerFrame.close(1000), "^closed: 1000 normal closure$", 0), ([], "^the connection was lost", 74),
        ] as [([UInt8], String, Int32)]
    )
    func serverEnds(end: [UInt8], words: String, status: Int32) async throws {
        let (typed, isTyped) = AsyncStream.makeStream(of: Void.self)
        try await RawServer.run { client in
            try await client.upgrade()
            for await _ in typed { break }
            try await client.write(end)
        } _: { port in
            let terminal = try await startFromShell("--no-history 127.0.0.1:\(port)")
            try await terminal.send("/set pretty on\rhalf")
            try await terminal.wait(for: #"^pretty +on +.*\n> half$"#)
            isTyped.yield()
            try await terminal.wait(for: words)
            try await terminal.wait(for: #"^\(Enter reconnects, Ctrl-D quits\)\ndisconnected> half$"#)
            // A line that could not be sent can be recalled.
            try await terminal.send(" typed\r")
            try await terminal.wait(for: #"^not sent .*: half typed\ndisconnected> *$"#)
            try await terminal.send("\u{1B}[A")
            try await terminal.wait(for: "^disconnected> half typed$")
            try await terminal.send("\u{15}\r")
            try await terminal.wait(for: #"^disconnected> *\nconnected to [\s\S]*^> *$"#)
            try await terminal.send("/set pretty\r")
            try await terminal.wait(for: #"^pretty +on "#)
            isTyped.yield()
            try await terminal.wait(for: #"(^\(Enter reconnects[\s\S]*){2}^disconnected> *$"#)
            try await terminal.send("\u{4}")
            try await terminal.wait(for: "^status \(status)\nsame modes$")
        }
    }

    @Test("A slow handshake is announced, and errors are red")
    func slowHandshake() async throws {
        let (seen, isSeen) = AsyncStream.makeStream(of: Void.self)
        try await RawServer.run { client in
            _ = try await client.readRequest()
            for await _ in seen { break }
        } _: { port in
            let terminal = try await PseudoTerminal(Self.wsline, ["127.0.0.1:\(port)"])
            try await terminal.wait(for: #"^connecting to ws://127\.0\.0\.1:\d+/ …$"#)
            isSeen.finish()
            #expect(try await terminal.exitStatus() == 69)
            let transcript = try await terminal.transcript()
            #expect(transcript.contains("\u{1B}[2mconnecting to"), "\(transcript.debugDescription)")
            #expect(transcript.contains("\u{1B}[31mwsline: 127.0.0.1"), "\(transcript.debugDescription)")
        }
    }

    @Test(
        "An option that ends the run also ends it when the connection ends",
        arguments: [("-1", 0), ("--count=2", 2), ("-m=600", 2), ("--expect=x", 1), ("--exit", 2)] as [(String, Int32)]
    )
    func endsWithTheConnection(option: String, status: Int32) async throws {
        try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.text("message") + ServerFrame.close(4000))
            await client.waitForEnd()
        } _: { port in
            let arguments = option.split(separator: "=").map(String.init) + ["--no-history", "127.0.0.1:\(port)"]
            let terminal = try await PseudoTerminal(Self.wsline, arguments)
            #expect(try await terminal.exitStatus() == status)
            #expect(try await !terminal.transcript().contains("disconnected>"))
        }
    }

    @Test("With --exit, a server that dies ends the session and the terminal is restored", arguments: [false, true])
    func serverDies(byReset: Bool) async throws {
        let (typed, isTyped) = AsyncStream.makeStream(of: Void.self)
        try await RawServer.run { client in
            try await client.upgrade()
            for await _ in typed { break }
            if byReset { try await client.reset() }
        } _: { port in
            let terminal = try await startFromShell("--exit 127.0.0.1:\(port)")
            try await terminal.send("half")
            try await terminal.wait(for: "^> half")
            isTyped.finish()
            try await terminal.wait(for: "^wsline: the connection was lost.*\nstatus 74\nsame modes$")
        }
    }

    /// Starts the program from an interactive shell, types a line and suspends the program.
    private func suspend(typed: String) async throws -> PseudoTerminal {
        let shell = try await PseudoTerminal(
            "/bin/bash",
            ["--norc", "-i"],
            environment: PseudoTerminal.environment(["PS1": "shell$ "])
        )
        try await shell.wait(for: #"^shell\$ *$"#)
        try await shell.send(Self.wsline + " echo:\r")
        try await shell.wait(for: #"^connected[\s\S]*^> *$"#)
        try await shell.send("first\r")
        try await shell.wait(for: "^< first$")
        try await shell.send(typed + "\u{1A}")
        try await shell.wait(for: #"Stopped[\s\S]*^shell\$ *$"#)
        return shell
    }

    @Test("Ctrl-Z restores the shell's terminal, and fg shows the half-typed line again")
    func suspendAndResume() async throws {
        let shell = try await suspend(typed: "half typed")
        try await shell.send("stty -a | grep -o ' icanon'; fg\r")
        try await shell.wait(for: #"^ icanon\n[\s\S]*^> half typed\s*\Z"#)
        try await shell.send(", resumed\r")
        try await shell.wait(for: "^< half typed, resumed$")
    }

    @Test("A second SIGTERM ends the program at once and restores the terminal")
    func terminatedTwice() async throws {
        let (closes, closed) = AsyncStream.makeStream(of: Void.self)
        try await RawServer.run { client in
            defer { closed.finish() }
            try await client.upgrade()
            #expect(try await client.readFrame().first == 0x81)
            try await client.write(ServerFrame.text("received"))
            #expect(try await client.readFrame().first == 0x88)
            closed.yield()
            await client.waitForEnd()
        } _: { port in
            let arguments = ["--close-timeout", "600", "127.0.0.1:\(port)"]
            let terminal = try await PseudoTerminal(Program.folder.appendingPathComponent("wsline").path, arguments)
            try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
            // A reply shows that the signals are already handled.
            try await terminal.send("message\r")
            try await terminal.wait(for: "^< received$")
            try await terminal.signal(SIGTERM)
            for await _ in closes { break }
            #expect(try await terminal.modes() != .usual)
            try await terminal.signal(SIGTERM)
            #expect(try await terminal.exitStatus() == -SIGTERM)
            #expect(try await terminal.modes() == .usual)
            #expect(try await !terminal.screen().bracketedPaste)
        }
    }

    @Test("SIGTERM ends the session and restores the terminal")
    func terminated() async throws {
        let shell = try await suspend(typed: "")
        try await shell.send("set -b; kill -TERM %1\r")
        try await shell.wait(for: "Exit 143")
        try await shell.send("stty -a | grep -o ' icanon'\r")
        try await shell.wait(for: "^ icanon$")
    }
}
