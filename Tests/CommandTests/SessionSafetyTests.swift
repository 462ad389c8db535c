import Foundation
import ProcessSupport
import TerminalSupport
import TestSupport
import Testing

/// Tests that a hostile server cannot harm a session.
@Suite(.fewAtATime) struct SessionSafetyTests {
    private static let wsline = Program.folder.appendingPathComponent("wsline").path
    /// Sets the title, clears the screen, writes the clipboard, requests the cursor position and reverses the line.
    private static let evil = "\u{1B}]0;title\u{7}\u{1B}[2J\u{1B}]52;c;AAAA\u{7}\u{9B}6n\u{202E}x\u{7F}"

    /// The part of a hostile server's data that carries the attack.
    enum Answer: CaseIterable, CustomTestStringConvertible {
        case closeReason, errorBody, redirect, subprotocol, header, message, ping

        var testDescription: String { "\(self)" }
    }

    private static func answer(_ answer: Answer, _ client: RawClient) async throws {
        // A header field cannot contain ASCII control characters, but it can contain the rest.
        let inHeader = evil.unicodeScalars.filter { $0.value > 0x7F }.map { String($0) }.joined() + "x"
        switch answer {
        case .closeReason:
            try await client.upgrade(then: ServerFrame.close(4000, evil))
        case .message:
            try await client.upgrade(then: ServerFrame.text(evil) + ServerFrame.close(4000))
        case .ping:
            try await client.upgrade(then: ServerFrame.ping(evil) + ServerFrame.close(4000))
        case .errorBody:
            _ = try await client.readRequest()
            try await client.write("HTTP/1.1 404 No\r\nContent-Length: \(evil.utf8.count)\r\n\r\n\(evil)")
        case .redirect:
            _ = try await client.readRequest()
            try await client.write("HTTP/1.1 302 Found\r\nLocation: \(inHeader)\r\nContent-Length: 0\r\n\r\n")
        case .subprotocol: try await client.upgrade(headers: "Sec-WebSocket-Protocol: \(inHeader)\r\n")
        case .header: try await client.upgrade(headers: "X-Evil: \(inHeader)\r\n", then: ServerFrame.close(4000))
        }
        await client.waitForEnd()
    }

    @Test("Nothing that a server sends reaches the terminal unescaped", arguments: Answer.allCases)
    func madeVisible(answer: Answer) async throws {
        try await RawServer.run {
            try await Self.answer(answer, $0)
        } _: { port in
            let terminal = try await PseudoTerminal(Self.wsline, ["--exit", "-v", "-P", "127.0.0.1:\(port)"])
            #expect(try await terminal.exitStatus() != 0)
            let transcript = try await terminal.transcript()
            for sequence in ["\u{1B}]", "\u{1B}[2J", "\u{9B}", "\u{202E}", "\u{7}", "\u{7F}"] {
                #expect(!transcript.contains(sequence), "\(transcript.debugDescription)")
            }
            #expect(transcript.contains("u{202E}x"), "\(transcript.debugDescription)")
        }
    }

    @Test("A pasted line of 100,000 characters is sent completely")
    func longLine() async throws {
        let terminal = try await PseudoTerminal(Self.wsline, ["echo:"])
        try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
        try await terminal.send("\u{1B}[200~\(String(repeating: "0123456789", count: 10_000))\u{1B}[201~\r")
        try await terminal.wait(for: #"^  … 95904 bytes more \(/set fold off shows everything\)$"#)
        try await terminal.send("/info\r")
        try await terminal.wait(for: #"^received     1 message, 100000 bytes"#)
    }

    @Test("A flood of messages is recorded completely, and the line typed meanwhile is sent unchanged")
    func flood() async throws {
        let messages = 50_000
        let record = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID()).jsonl").path
        defer { try? FileManager.default.removeItem(atPath: record) }
        let typed = try await RawServer.run { client in
            try await client.upgrade()
            for start in stride(from: 0, to: messages, by: 1000) {
                try await client.write((start..<start + 1000).flatMap { ServerFrame.text("message \($0)") })
            }
            let frame = try await client.readFrame()
            try await client.write(ServerFrame.frame(0x81, frame.payload) + ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            let terminal = try await PseudoTerminal(Self.wsline, ["--exit", "--record", record, "127.0.0.1:\(port)"])
            var line = ""
            for letter in "typed in a flood" {
                line.append(letter)
                try await terminal.send(String(letter))
                if letter != " " { try await terminal.wait(for: "^> \(line)$") }
            }
            try await terminal.wait(for: #"^< message 49999\n> typed in a flood$"#)
            try await terminal.send("\r")
            #expect(try await terminal.exitStatus() == 0)
            return try await terminal.lines().last { $0.hasPrefix("< ") }
        }
        #expect(typed == "< typed in a flood")
        let received = try String(contentsOfFile: record, encoding: .utf8).split(separator: "\n")
            .filter { $0.contains(#""received""#) }
        #expect(received.count == messages + 1)
        #expect(received.prefix(messages).enumerated().allSatisfy { $1.hasSuffix("\"message \($0)\"}") })
    }

    @Test("The line being typed when the server closed is added to the history")
    func unfinishedLine() async throws {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: home) }
        try await RawServer.run { client in
            try await client.upgrade()
            _ = try await client.readFrame()
            try await client.write(ServerFrame.close(1011, "away"))
            await client.waitForEnd()
        } _: { port in
            let terminal = try await PseudoTerminal(
                Self.wsline,
                ["--exit", "127.0.0.1:\(port)"],
                environment: PseudoTerminal.environment(["XDG_STATE_HOME": home])
            )
            try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
            try await terminal.send("sent\rhalf a line")
            #expect(try await terminal.exitStatus() == 2)
            try await terminal.wait(
                for: #"^> half a line\nwsline: the unsent line is in the history\nwsline: "#
            )
        }
        #expect(try String(contentsOfFile: "\(home)/wsline/history", encoding: .utf8) == "sent\nhalf a line\n")
    }

    @Test("Messages go to the pipe while the line is edited at the terminal")
    func outputIsPipe() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())").path
        let script = "\"$0\" echo: | cat > \"$1\"; cat \"$1\"; rm \"$1\""
        let terminal = try await PseudoTerminal("/bin/sh", ["-c", script, Self.wsline, file])
        try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
        try await terminal.send("one\rtwo\r\u{4}")
        try await terminal.wait(for: "^> one\n> two\nclosed: .*\none\ntwo$")
    }

    @Test("Messages that a pipe's reader prints on the same terminal do not disturb the half-typed line")
    func outputIsShared() async throws {
        let (typed, isTyped) = AsyncStream.makeStream(of: Void.self)
        try await RawServer.run { client in
            try await client.upgrade()
            for number in 1...3 {
                for await _ in typed { break }
                try await client.write(ServerFrame.text("message \(number)"))
            }
            await client.waitForEnd()
        } _: { port in
            let script = "\"$0\" --no-history $1 | tee /dev/null"
            let terminal = try await PseudoTerminal("/bin/sh", ["-c", script, Self.wsline, "127.0.0.1:\(port)"])
            try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
            try await terminal.send("half a line\u{1B}[D")
            try await terminal.wait(for: "^> half a line$")
            var shown = ""
            for number in 1...3 {
                shown += "message \(number)\n"
                isTyped.yield()
                try await terminal.wait(for: "^\(shown)> half a line$", column: 12)
            }
        }
    }

    @Test("A missing terminal for editing is an error")
    func noTerminal() async throws {
        let script = "\(PseudoTerminal.withoutTerminal) \"$0\" echo: | cat; echo end"
        let terminal = try await PseudoTerminal("/bin/sh", ["-c", script, Self.wsline])
        try await terminal.wait(for: #"^wsline: opening the terminal failed: .*\nend$"#)
    }
}
