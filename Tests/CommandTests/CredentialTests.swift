import Foundation
import Synchronization
import TerminalSupport
import TestSupport
import Testing

/// Secrets that are asked for, and where they do not stand.
@Suite struct CredentialTests {
    private static let wsline = Program.folder.appendingPathComponent("wsline").path

    @Test("A missing password is asked for, not shown, and sent")
    func password() async throws {
        let (requests, request) = AsyncStream.makeStream(of: String.self)
        try await RawServer.run { client in
            request.yield(try await client.upgrade(then: ServerFrame.close(1000)))
            await client.waitForEnd()
        } _: { port in
            let terminal = try await PseudoTerminal(Self.wsline, ["-v", "--auth", "joe", "127.0.0.1:\(port)"])
            try await terminal.wait(for: #"^Password of joe at 127\.0\.0\.1:\d+:"#)
            try await terminal.send("wrong\u{15}open sesamé\u{7F}e\r")
            #expect(try await terminal.exitStatus() == 0)
            #expect(try await !terminal.transcript().contains("sesame"))
        }
        request.finish()
        var received = ""
        for await text in requests { received = text }
        #expect(received.contains("Authorization: Basic \(Data("joe:open sesame".utf8).base64EncodedString())\r\n"))
    }

    @Test("Ctrl-C at the question leaves, with the terminal as it was")
    func interrupted() async throws {
        let script = "\"$0\" --auth joe 127.0.0.1:1; echo end $?; stty -a"
        let terminal = try await PseudoTerminal("/bin/sh", ["-c", script, Self.wsline])
        try await terminal.wait(for: "^Password of joe")
        try await terminal.send("half\u{3}")
        try await terminal.wait(for: #"^end 130\n[\s\S]*isig icanon [\s\S]* echo "#)
    }

    @Test("Without a terminal to ask at, it says so")
    func nobodyToAsk() async throws {
        let script = "setsid -w \"$0\" --auth joe 127.0.0.1:1; echo end $?"
        let terminal = try await PseudoTerminal("/bin/sh", ["-c", script, Self.wsline], columns: 120)
        try await terminal.wait(
            for: "^wsline: there is no terminal to ask at: Password of joe at 127.0.0.1:1; @FILE has it.*\nend 66$"
        )
    }

    @Test("A command with a password in it is not in the history")
    func history() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let terminal = try await PseudoTerminal(
            Self.wsline,
            ["echo:"],
            environment: PseudoTerminal.environment(["XDG_STATE_HOME": folder])
        )
        try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
        try await terminal.send("kept\r/reconnect ws://joe:sesame@127.0.0.1:1/\r")
        try await terminal.wait(for: "^cannot connect to 127.0.0.1:1 ")
        try await terminal.send("/quit\r")
        _ = try await terminal.exitStatus()
        #expect(try String(contentsOfFile: folder + "/wsline/history", encoding: .utf8) == "kept\n/quit\n")
    }

    @Test("A session that is kept connects again, and the half-typed line, its history and settings are still there")
    func reconnect() async throws {
        let clients = Mutex(0)
        try await RawServer.run { client in
            let number = clients.withLock { count in
                count += 1
                return count
            }
            try await client.upgrade()
            let frame = try await client.readFrame()
            if number == 1 { return try await client.reset() }
            try await client.write(ServerFrame.frame(0x81, frame.payload))
            let second = try await client.readFrame()
            try await client.write(ServerFrame.frame(0x81, second.payload))
            await client.waitForEnd()
        } _: { port in
            let terminal = try await PseudoTerminal(
                Self.wsline,
                ["--no-history", "--reconnect", "-i", "-x", "login", "127.0.0.1:\(port)"],
                columns: 120
            )
            try await terminal.send("/set timestamps on\rhalf")
            try await terminal.wait(for: #"^the connection was lost.*; connecting again in 0\.\d+ s$"#)
            try await terminal.wait(for: #"^\d\d:\d\d:\d\d\.\d{3} < login\n> half$"#)
            try await terminal.send(" done\r")
            try await terminal.wait(for: "< half done$")
            try await terminal.send("/quit\r")
            #expect(try await terminal.exitStatus() == 0)
        }
    }

    @Test("/quit and Ctrl-C end the waiting for a server", arguments: [("/quit\r", 0), ("\u{3}", 130)])
    func leaving(keys: String, status: Int32) async throws {
        try await RawServer.run { client in
            try await client.upgrade()
            try await client.reset()
        } _: { port in
            let terminal = try await PseudoTerminal(
                Self.wsline,
                ["--reconnect", "3", "--no-history", "127.0.0.1:\(port)"]
            )
            try await terminal.wait(for: #"^reconnecting> *$"#)
            try await terminal.send(keys)
            #expect(try await terminal.exitStatus() == status)
        }
        let result = try await Program.run(["--reconnect", "1", "-x", "a", "127.0.0.1:1"])
        #expect(result.status == 69, "\(result)")
        #expect(result.error.contains("; connecting again in 0."), "\(result)")
    }
}
