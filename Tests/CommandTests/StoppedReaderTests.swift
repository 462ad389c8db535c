import Foundation
import ProcessSupport
import TerminalSupport
import TestSupport
import Testing

/// Tests of output readers that stop reading: every session still ends on request, and pings are still answered.
@Suite(.fewAtATime) struct StoppedReaderTests {
    private static let wsline = Program.folder.appendingPathComponent("wsline").path

    /// Sends messages until the client stops reading.
    private static func flood(_ client: RawClient) async throws {
        try await client.upgrade()
        let messages = Array(repeatElement(ServerFrame.text(String(repeating: "y", count: 1000)), count: 100).joined())
        while true { try await client.write(messages) }
    }

    /// Waits until a program's output fills the pipe, so that its next write blocks.
    ///
    /// Untried on macOS: pipes hold 64 KiB there too, but only 16 KiB while the system is short of memory for pipes.
    private static func fillPipe(of program: Program) async throws {
        while program.unreadOutput < 60_000 { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test(
        "A signal ends the run while nobody reads standard output",
        arguments: [[], ["--json"], ["--pretty"]],
        [SIGINT, SIGTERM]
    )
    func output(arguments: [String], signal: Int32) async throws {
        try await RawServer.run(Self.flood) { port in
            let program = try Program("wsline", ["--receive-only"] + arguments + ["127.0.0.1:\(port)"])
            try await Self.fillPipe(of: program)
            program.signal(signal)
            #expect(await program.status() == 128 + signal)
        }
    }

    @Test("A signal ends serve while nobody reads standard output", arguments: [SIGINT, SIGTERM])
    func serve(signal: Int32) async throws {
        let server = try Program("wsline", ["serve", "0"])
        let url = try #require(await server.readErrorLine().split(separator: " ").last)
        let client = try Program("wsline", ["-w", "0", String(url)])
        client.write(Data(String(repeating: "y\n", count: 100_000).utf8))
        try await Self.fillPipe(of: server)
        server.signal(signal)
        #expect(await server.status() == 128 + signal)
        client.signal(SIGKILL)
    }

    @Test("Pings are answered while nobody reads standard error, and the run ends with the connection")
    func error() async throws {
        let pings = 3000
        try await RawServer.run { client in
            try await client.upgrade()
            for number in 1...pings {
                try await client.write(ServerFrame.ping("\(number)"))
                #expect(try await client.readFrame().payload == Array("\(number)".utf8))
            }
            try await client.write(ServerFrame.close(1000))
            _ = try await client.readFrame()
        } _: { port in
            let program = try Program("wsline", ["-vv", "--receive-only", "127.0.0.1:\(port)"])
            #expect(await program.status() == 0)
            #expect(program.unreadError > 60_000)
        }
    }

    @Test("A recording to a FIFO that nobody reads does not delay the end of the run", arguments: [SIGINT, SIGTERM])
    func recording(signal: Int32) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let reader = open(path, O_RDWR)
        defer { close(reader) }
        try await RawServer.run(Self.flood) { port in
            let program = try Program("wsline", ["--receive-only", "--record", path, "127.0.0.1:\(port)"])
            async let output: Void = {
                while await !program.readOutput().isEmpty {}
            }()
            while unreadBytes(in: reader) < 60_000 { try await Task.sleep(for: .milliseconds(5)) }
            program.signal(signal)
            #expect(await program.status() == 128 + signal)
            await output
        }
    }

    @Test("A recording to a full disk or a FIFO without a reader is an error that names the file")
    func recordingFails() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #if os(Linux)
        let full = try await Program.run(["-x", "hi", "--record", "/dev/full", "echo:"])
        #expect(full.status == 74, "\(full)")
        #expect(full.error.contains("/dev/full"), "\(full)")
        #endif
        let unread = try await Program.run(["-x", "hi", "--record", path, "echo:"])
        #expect(unread.status == 74, "\(unread)")
        #expect(unread.error.hasPrefix("wsline: ") && unread.error.contains(path), "\(unread)")
    }

    @Test(
        "Keys work at once while the server does not read a large file",
        arguments: [("/quit\r", "/quit"), ("\u{4}\u{4}", ""), ("/close\r/quit\r", "closing>")]
    )
    func sending(keys: String, shown: String) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())").path
        try Data(count: 50 << 20).write(to: URL(fileURLWithPath: file))
        defer { unlink(file) }
        let (end, isOver) = AsyncStream.makeStream(of: Void.self)
        try await RawServer.run { client in
            try await client.upgrade()
            try await client.stopReading()
            for await _ in end {}
        } _: { port in
            defer { isOver.finish() }
            let terminal = try await PseudoTerminal(Self.wsline, ["127.0.0.1:\(port)"])
            try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
            try await terminal.send("/send \(file)\r")
            try await terminal.wait(for: #"^\[sent \d+ % of 50 MiB\] > *$"#)
            try await terminal.send(keys)
            #expect(try await terminal.exitStatus() == 0)
            let transcript = try await terminal.transcript()
            #expect(shown.isEmpty || transcript.contains(shown), "\(transcript.debugDescription)")
        }
    }

    @Test("Sending a FIFO that has no writer does not block the session")
    func sendingFIFO() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let terminal = try await PseudoTerminal(Self.wsline, ["echo:"])
        try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
        try await terminal.send("/send \(path)\rhello\r")
        try await terminal.wait(for: "^< hello$")
        try await terminal.send("/quit\r")
        #expect(try await terminal.exitStatus() == 0)
    }

    @Test("Keys are shown while millions of pings arrive, and /quit ends the session", arguments: [["-vv"], ["-P"]])
    func pings(arguments: [String]) async throws {
        try await RawServer.run { client in
            try await client.upgrade()
            let pings = Array(repeatElement(ServerFrame.ping("ping me"), count: 10_000).joined())
            while true { try await client.write(pings) }
        } _: { port in
            let terminal = try await PseudoTerminal(Self.wsline, arguments + ["127.0.0.1:\(port)"])
            try await terminal.wait(for: "ping")
            for (key, line) in [("k", "k"), ("e", "ke"), ("y", "key")] {
                try await terminal.send(key)
                try await terminal.wait(for: "^> \(line)$")
            }
            try await terminal.send("\u{15}/quit\r")
            #expect(try await terminal.exitStatus() == 0)
        }
    }
}
