import Foundation
import ProcessSupport
import Synchronization
import TerminalSupport
import TestSupport
import Testing

/// `--reconnect`.
@Suite(.fewAtATime) struct ReconnectTests {
    private static let wsline = Program.folder.appendingPathComponent("wsline").path

    @Test("What is read while there is no connection is sent to the next, and what may have been lost is named")
    func pipe() async throws {
        let clients = Mutex(0)
        let input = Data("1\n2\n3\n".utf8)
        let result = try await RawServer.run { client in
            let number = clients.next()
            try await client.upgrade()
            let login = try await client.readFrame()
            try await client.write(ServerFrame.frame(0x81, login.payload))
            if number == 1 {
                // It goes away with all of the input, and has answered no ping.
                var messages = 0
                while messages < 3 {
                    if try await client.readFrame().first == 0x81 { messages += 1 }
                }
                return try await client.reset()
            }
            _ = try await client.readToClose()
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            try await Program.run(
                ["--reconnect", "-i", "--count", "2", "-x", "login", "127.0.0.1:\(port)"],
                input: input
            )
        }
        #expect(result.text == "login\nlogin\n", "\(result)")
        #expect(result.status == 0, "\(result)")
        #expect(result.error.contains("; reconnecting in 0."), "\(result)")
        #expect(result.error.contains("wsline: messages 1 to 3 of the input "), "\(result)")
    }

    @Test("--count counts over all connections")
    func count() async throws {
        let clients = Mutex(0)
        let result = try await RawServer.run { client in
            let number = clients.next()
            try await client.upgrade(then: ServerFrame.text("\(number)a") + ServerFrame.text("\(number)b"))
            if number == 1 { return try await client.endOutput() }
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["--reconnect", "--receive-only", "--count", "3", "127.0.0.1:\(port)"])
        }
        #expect(result.text == "1a\n1b\n2a\n", "\(result)")
        #expect(result.status == 0, "\(result)")
    }

    @Test(
        "A server that says that it is over is not asked again",
        arguments: [(1000, 0), (4000, 2), (1008, 2), (1002, 2)] as [(UInt16, Int32)]
    )
    func over(code: UInt16, status: Int32) async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.close(code))
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["--reconnect", "--receive-only", "127.0.0.1:\(port)"])
        }
        #expect(result.status == status, "\(result)")
        #expect(!result.error.contains("again"), "\(result)")
    }

    @Test("A session that is kept connects again, and the half-typed line, its history and settings are still there")
    func reconnect() async throws {
        let clients = Mutex(0)
        try await RawServer.run { client in
            let number = clients.next()
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
            try await terminal.wait(for: #"^the connection was lost.*; reconnecting in 0\.\d+ s$"#)
            try await terminal.wait(for: #"^\d\d:\d\d:\d\d\.\d{3} < login\n> half$"#)
            try await terminal.send(" done\r")
            try await terminal.wait(for: "< half done$")
            try await terminal.send("/quit\r")
            #expect(try await terminal.exitStatus() == 0)
        }
    }

    @Test("At a terminal, too, a first connection that does not come about is tried again")
    func firstConnection() async throws {
        let clients = Mutex(0)
        try await RawServer.run { client in
            let number = clients.next()
            guard number > 1 else {
                _ = try await client.readRequest()
                return try await client.write(Array("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".utf8))
            }
            try await client.upgrade()
            let frame = try await client.readFrame()
            try await client.write(ServerFrame.frame(0x81, frame.payload) + ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            let terminal = try await PseudoTerminal(
                Self.wsline,
                ["--exit", "--reconnect", "--no-history", "127.0.0.1:\(port)"]
            )
            try await terminal.wait(for: #"503[\s\S]*^connected to [\s\S]*^> *$"#)
            try await terminal.send("hello\r")
            try await terminal.wait(for: #"^< hello$"#)
            #expect(try await terminal.exitStatus() == 0)
        }
        #expect(clients.withLock { $0 } == 2)
    }

    @Test("--max-time ends the waiting for a server, at a terminal, too", arguments: [false, true])
    func timeLimit(isFirst: Bool) async throws {
        try await RawServer.run { client in
            if !isFirst { try await client.upgrade() }
            try await client.reset()
        } _: { port in
            let terminal = try await PseudoTerminal(
                Self.wsline,
                ["--max-time", "1", "--reconnect", "--no-history", "127.0.0.1:\(isFirst ? 1 : port)"]
            )
            #expect(try await terminal.exitStatus() == 75)
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
        #expect(result.error.contains("; reconnecting in 0."), "\(result)")
        #expect(result.error.hasSuffix("; gave up after 1 attempt to reconnect (--reconnect 1)\n"), "\(result)")
    }
}

extension Mutex<Int> {
    /// Counts one more, and returns how many that makes.
    fileprivate func next() -> Int {
        withLock { count in
            count += 1
            return count
        }
    }
}
