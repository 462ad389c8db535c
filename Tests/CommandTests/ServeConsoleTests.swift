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

/// `wsline serve` at a real pseudo-terminal, its screen read back.
@Suite(.fewAtATime) struct ServeConsoleTests {
    private static let wsline = Program.folder.appendingPathComponent("wsline").path

    /// Starts a server and waits for its prompt; returns it with its URL.
    private func start(_ arguments: [String] = []) async throws -> (terminal: PseudoTerminal, url: String) {
        let terminal = try await PseudoTerminal(Self.wsline, ["serve", "0"] + arguments)
        let screen = try await terminal.wait(for: #"^listening on ws://[\s\S]*^> *$"#)
        let url = try #require(screen.rows.joined(separator: "\n").firstMatch(of: /ws:\/\/[^ ]+/)).output
        return (terminal, String(url))
    }

    /// Starts a client and waits until the server has told of it.
    private func connect(_ number: Int, to url: String, _ terminal: PseudoTerminal) async throws -> Program {
        let client = try Program("wsline", [url])
        try await terminal.wait(for: #"^client \#(number) connected from 127.0.0.1, port \d+$"#)
        return client
    }

    private func readLine(_ client: Program) async -> String {
        String(decoding: await client.readOutput(), as: UTF8.self)
    }

    @Test("A line goes to all clients or to one; arrivals are marked with the client's number; closing is told")
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
        "Commands do what they say",
        arguments: [
            ("/ping", #"^pong from client 1 after \d+\.\d\d ms$"#), ("/ping 1", #"^pong from client 1 after"#),
            ("/clients", #"^1  127\.0\.0\.1, port \d+, for \d+ s, 0 received, 0 sent$"#),
            ("/help", #"^/to N TEXT "#), ("/help close", #"^/close \[N\|all \[CODE \[REASON\]\]\]$"#),
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
        "Leaving closes the clients with 1001 and sets the status",
        arguments: [("\u{3}", 130), ("\u{4}", 0), ("/quit\r", 0)] as [(String, Int32)]
    )
    func leaving(keys: String, status: Int32) async throws {
        let (terminal, url) = try await start()
        let client = try await connect(1, to: url, terminal)
        try await terminal.send(keys)
        #expect(try await terminal.exitStatus() == status)
        let result = await client.result()
        // The server's 1001 is an end as it should be; its loss would be 74.
        #expect(result.status == 0, "\(result)")
    }

    @Test("With --once the end of the client ends the session, with its status")
    func once() async throws {
        let (terminal, url) = try await start(["--once"])
        _ = try await Program.run(["-x", "hi", "-w", "0", "--close-code", "4000", url])
        #expect(try await terminal.exitStatus() == 2)
        let lines = try await terminal.lines()
        #expect(lines.contains("1< hi"), "\(lines)")
        #expect(lines.contains("wsline: client 1 closed: 4000 private use"), "\(lines)")
    }
}
