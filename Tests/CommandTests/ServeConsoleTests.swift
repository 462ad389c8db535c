import Foundation
import ProcessSupport
import TerminalSupport
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Tests of `wsline serve` at a pseudo-terminal, whose screen is compared.
@Suite(.fewAtATime) struct ServeConsoleTests {
    private static let wsline = Program.folder.appendingPathComponent("wsline").path

    /// Starts a server, waits for its prompt and returns it with its URL.
    private func start(_ arguments: [String] = []) async throws -> (terminal: PseudoTerminal, url: String) {
        let terminal = try await PseudoTerminal(Self.wsline, ["serve", "0"] + arguments)
        let screen = try await terminal.wait(for: #"^listening on ws://[\s\S]*^> *$"#)
        let url = try #require(screen.rows.joined(separator: "\n").firstMatch(of: /ws:\/\/[^ ]+/)).output
        return (terminal, String(url))
    }

    /// Starts a client and waits until the server has announced it.
    private func connect(_ number: Int, to url: String, _ terminal: PseudoTerminal) async throws -> Program {
        let client = try Program("wsline", [url])
        try await terminal.wait(for: #"^client \#(number) connected from 127.0.0.1, port \d+$"#)
        return client
    }

    private func readLine(_ client: Program) async -> String {
        String(decoding: await client.readOutput(), as: UTF8.self)
    }

    @Test("A line goes to all clients or to one; messages show their client's number; closing is announced")
    func talk() async throws {
        let (terminal, url) = try await start()
        try await terminal.send("nobody hears\r")
        try await terminal.wait(for: "^not sent .*: nobody hears$")
        let first = try await connect(1, to: url, terminal)
        let second = try await connect(2, to: url, terminal)
        first.write(Data("hello\n".utf8))
        try await terminal.wait(for: "^1< hello$")
        try await terminal.send("half ty")
        try await terminal.wait(for: "^> half ty *$")
        second.write(Data("evil \u{1B}[2J\u{202E}\n".utf8))
        try await terminal.wait(for: #"^2< evil \\e\[2J\\u\{202E\}\n> half ty *$"#)
        try await terminal.send("ped\r")
        #expect(await readLine(first) == "half typed\n")
        #expect(await readLine(second) == "half typed\n")
        try await terminal.send("/to 2 you  alone\r//slash\r")
        var received = ""
        while received.utf8.count < "you  alone\n/slash\n".utf8.count {
            let more = await readLine(second)
            if more.isEmpty { break }
            received += more
        }
        #expect(received == "you  alone\n/slash\n")
        #expect(await readLine(first) == "/slash\n")
        try await terminal.send("/close 1 4000 bye\r")
        try await terminal.wait(for: "^client 1 closed: 4000 private use$")
        let end = await first.result()
        #expect(end.status == 2, "\(end)")
        #expect(end.error.contains("4000 private use: \"bye\""), "\(end)")
        try await terminal.send("\u{4}")
        #expect(try await terminal.exitStatus() == 0)
        #expect(await second.result().status == 0)
        #expect(try await terminal.lines().contains("client 2 closed: 1001 going away"))
    }

    @Test(
        "A typed command prints its result",
        arguments: [
            ("/ping", #"^pong from client 1 after \d+\.\d\d ms$"#), ("/ping 1", #"^pong from client 1 after"#),
            ("/clients", #"^1  127\.0\.0\.1, port \d+, for \d+ s, 0 received, 0 sent$"#),
            ("/help", #"^/show \[N\] "#), ("/help close", #"^/close \[N\|all \[CODE \[REASON\]\]\]$"#),
            ("/cleints", #"/cleints; did you mean /clients\?"#),
            ("/to 7 hi", #"client 7; .* 1$"#),
            ("/to x hi", #"client number "x""#), ("/to 1", #"/to N TEXT$"#),
            ("/close 1 1006", #"close code 1006"#), ("/close", #"^client 1 closed: 1000 normal closure$"#),
            ("/set pretty on", #"^pretty          on "#),
            ("/cl\t", "^/clients  /close *$"), ("/clie\t\r", #"^1  127\.0\.0\.1"#), ("/to \thi", "^> /to 1 hi *$"),
        ]
    )
    func commands(typed: String, shown: String) async throws {
        let (terminal, url) = try await start()
        let client = try await connect(1, to: url, terminal)
        defer { client.signal(SIGKILL) }
        try await terminal.send(
            typed.hasSuffix("\t") || typed.hasSuffix("\r") || typed.hasSuffix("\thi") ? typed : typed + "\r"
        )
        try await terminal.wait(for: shown)
    }

    @Test(
        "Quitting closes the clients with 1001 and sets the exit status",
        arguments: [("\u{3}", 130), ("\u{4}", 0), ("/quit\r", 0)] as [(String, Int32)]
    )
    func leaving(keys: String, status: Int32) async throws {
        let (terminal, url) = try await start()
        let client = try await connect(1, to: url, terminal)
        try await terminal.send(keys)
        #expect(try await terminal.exitStatus() == status)
        let result = await client.result()
        // The client treats 1001 as a normal end; a lost connection would be status 74.
        #expect(result.status == 0, "\(result)")
    }

    @Test("The messages of all clients are numbered, found, shown, saved and copied")
    func lookBack() async throws {
        let folder = try SessionCommandTests.Folder()
        let (terminal, url) = try await start(["--on", "ping=pong"])
        let first = try await connect(1, to: url, terminal)
        let second = try await connect(2, to: url, terminal)
        try await terminal.send("/set numbers on\r")
        try await terminal.wait(for: "^numbers +on")
        first.write(Data("{\"a\":[1]}\n".utf8))
        try await terminal.wait(for: #"^1 1< \{"a":\[1\]\}$"#)
        try await terminal.send("to all, a needle\r/to 2 for two, a needle\r")
        try await terminal.wait(for: "^> /to 2 for two, a needle$")
        // A line is on the screen before it is sent and numbered.
        var received = ""
        while !received.contains("for two"), case let part = await readLine(second), !part.isEmpty { received += part }
        second.write(Data("needle \u{1B}[2J\n".utf8))
        try await terminal.wait(for: #"^4 2< needle \\e\[2J$"#)
        first.write(Data("ping\n".utf8))
        try await terminal.wait(for: "^5 1< ping\n6 1> pong$")
        try await terminal.send("/find needle\r")
        try await terminal.wait(
            for: #"^2 [\d:.]+ > to all, a needle\n3 [\d:.]+ 2> for two, a needle\n4 [\d:.]+ 2< needle \\e\[2J\n> *$"#
        )
        try await terminal.send("/show 1\r")
        try await terminal.wait(
            for: #"^message 1, received [\d:.]+ from client 1, text, 9 bytes\n\{\n  "a": \[\n    1\n  \]\n\}\n> *$"#
        )
        try await terminal.send("/save \(folder.path)/a b -3\r")
        try await terminal.wait(for: "^saved message 1 to ")
        #expect(try folder.read("a b") == #"{"a":[1]}"#)
        try await terminal.send("/copy\r")
        try await terminal.wait(for: "^copied message 5, 4 bytes")
        let encoded = Data("ping".utf8).base64EncodedString()
        #expect(try await terminal.transcript().contains("\u{1B}]52;c;\(encoded)\u{07}"))
        let (other, _) = try await start(["--scrollback", "off"])
        try await other.send("/show\r")
        try await other.wait(for: #"^no messages are kept \(--scrollback off\)$"#)
    }

    @Test("Files, bytes and earlier messages are sent to all clients or to one, and a message is repeated")
    func sending() async throws {
        let folder = try SessionCommandTests.Folder()
        let file = try folder.write("from a file", to: "a file")
        let lines = try folder.write("line 1\nline 2\n", to: "lines")
        let (terminal, url) = try await start()
        try await terminal.send("/send \(file)\r")
        try await terminal.wait(for: #"^not sent \(no clients\): "#)
        try await terminal.send("/send -l \(lines)\r")
        try await terminal.wait(for: #"^sent 0 lines of [\s\S]*no\s+clients$"#)
        let first = try await connect(1, to: url, terminal)
        let second = try await connect(2, to: url, terminal)
        var expected = (first: "", second: "")
        for (typed, shown, isForFirst) in [
            ("/send \(file)", #"a\s+file\s+to\s+2\s+clients:\s+11\s+bytes,\s+text$"#, true),
            ("/to 2 /send \(file)", #"a\s+file\s+to\s+client\s+2:\s+11\s+bytes,\s+text$"#, false),
            ("/again", "^2> from a file$", false), ("/to 1 /again", "^1> from a file$", nil),
            ("/again", #"(^1> from a file\n[\s\S]*){2}"#, nil),
        ] as [(String, String, Bool?)] {
            try await terminal.send(typed + "\r")
            try await terminal.wait(for: shown)
            if isForFirst != false { expected.first += "from a file\n" }
            if isForFirst != nil { expected.second += "from a file\n" }
        }
        try await terminal.send("/binary 68 69\r/send -l \(lines)\r")
        try await terminal.wait(for: "^sent 2 lines of ")
        try await terminal.send("/repeat 20ms tick\r")
        try await terminal.wait(for: #"(^> tick\n[\s\S]*){3}"#)
        try await terminal.send("/repeat stop\r")
        try await terminal.wait(for: "^stopped 1 repeated message$")
        try await terminal.send("/to 3 /again\r")
        try await terminal.wait(for: "^unknown client 3; clients: 1, 2$")
        try await terminal.send("/quit\r")
        for (client, files) in [(first, expected.first), (second, expected.second)] {
            let text = await client.result().text
            #expect(text.hasPrefix(files + "hi"), "\(text)")
            #expect(text.contains("line 1\nline 2\ntick\ntick\n"), "\(text)")
        }
    }

    @Test("A large file does not disconnect a client that reads slowly")
    func largeFile() async throws {
        let folder = try SessionCommandTests.Folder()
        let file = try folder.write(String(repeating: "x", count: 24 << 20), to: "large")
        let (terminal, url) = try await start(["--no-compress"])
        let client = try await connect(1, to: url, terminal)
        client.signal(SIGSTOP)
        try await terminal.send("/send \(file)\r")
        try await terminal.wait(for: #"to\s+1\s+client:\s+25165824\s+bytes,\s+text$"#)
        try await terminal.send("after\r/clients\r")
        try await terminal.wait(for: #"^1  .* KiB\s+waiting$"#)
        client.signal(SIGCONT)
        try await terminal.send("/close 1\r")
        #expect(await client.result().text.hasSuffix("x\nafter\n"))
    }

    @Test("/record writes the events of all clients with their numbers, which are not replayed")
    func record() async throws {
        let folder = try SessionCommandTests.Folder()
        let (terminal, url) = try await start(["--no-compress"])
        let first = try await connect(1, to: url + "?token=secret", terminal)
        try await terminal.send("/record \(folder.path)/events\r")
        try await terminal.wait(for: "^recording to ")
        first.write(Data("hi\n".utf8))
        try await terminal.wait(for: "^1< hi$")
        try await terminal.send("all\r/to 1 one\r/ping\r")
        try await terminal.wait(for: "^pong from client 1 after")
        let second = try await connect(2, to: url, terminal)
        try await terminal.send("/close 2 4000 bye\r")
        try await terminal.wait(for: "^client 2 closed: 4000")
        first.endInput()
        try await terminal.wait(for: "^client 1 closed: 1000")
        try await terminal.send("/record stop\r")
        try await terminal.wait(for: "^recorded to ")
        _ = await second.result()
        let events = try folder.read("events").split(separator: "\n").map { line in
            let changing = /"time":"[^"]*",|,"(?:url|address|headers)":(?:"[^"]*"|\[[^\]]*\])|[.\d]+(?=\})/
            return String(line.replacing(changing, with: ""))
        }
        let opening =
            #""event":"open","status":101,"http_version":"1.1","subprotocol":null,"extensions":null,"tls":null}"#
        #expect(
            events == [
                #"{"client":1,"# + opening,
                #"{"client":1,"event":"message","direction":"received","type":"text","data":"hi"}"#,
                #"{"event":"message","direction":"sent","type":"text","data":"all"}"#,
                #"{"client":1,"event":"message","direction":"sent","type":"text","data":"one"}"#,
                #"{"client":1,"event":"ping","direction":"sent","data":"1"}"#,
                #"{"client":1,"event":"pong","direction":"received","data":"1","rtt_ms":}"#,
                #"{"client":2,"# + opening,
                #"{"client":2,"event":"close","code":4000,"reason":"bye","by":"server","clean":true}"#,
                #"{"client":1,"event":"close","code":1000,"reason":"","by":"client","clean":true}"#,
            ]
        )
        #expect(!(try folder.read("events").contains("secret")))
        let replay = try await Program.run(["replay", folder.path + "/events", "echo:"])
        #expect(replay.status != 0 && replay.error.contains("line 1 of"), "\(replay)")
        #expect(replay.error.contains("it was written by a server"), "\(replay)")
    }

    @Test("With --once, the session ends with its client and has the client's exit status")
    func once() async throws {
        let (terminal, url) = try await start(["--once"])
        _ = try await Program.run(["-x", "hi", "-w", "0", "--close-code", "4000", url])
        #expect(try await terminal.exitStatus() == 2)
        let lines = try await terminal.lines()
        #expect(lines.contains("1< hi"), "\(lines)")
        #expect(lines.contains("wsline: client 1 closed: 4000 private use"), "\(lines)")
    }
}
