import Foundation
import ProcessSupport
import TerminalSupport
import TestSupport
import Testing

/// Tests of password prompts, and of secrets in errors and the history.
@Suite(.fewAtATime) struct CredentialTests {
    private static let wsline = Program.folder.appendingPathComponent("wsline").path

    @Test("A missing password is asked for without echo, and sent")
    func password() async throws {
        let (requests, request) = AsyncStream.makeStream(of: String.self)
        try await RawServer.run { client in
            request.yield(try await client.upgrade(then: ServerFrame.close(1000)))
            await client.waitForEnd()
        } _: { port in
            let terminal = try await PseudoTerminal(
                Self.wsline,
                ["--exit", "-v", "--auth", "joe", "127.0.0.1:\(port)"]
            )
            try await terminal.wait(for: #"^Password for joe at 127\.0\.0\.1:\d+:"#)
            try await terminal.send("wrong\u{15}open sesamé\u{7F}e\r")
            #expect(try await terminal.exitStatus() == 0)
            #expect(try await !terminal.transcript().contains("sesame"))
        }
        request.finish()
        var received = ""
        for await text in requests { received = text }
        #expect(received.contains("Authorization: Basic \(Data("joe:open sesame".utf8).base64EncodedString())\r\n"))
    }

    @Test("/reconnect sends credentials to the same server only")
    func otherServer() async throws {
        let (requests, request) = AsyncStream.makeStream(of: String.self)
        let serve: @Sendable (RawClient) async throws -> Void = { client in
            request.yield(try await client.upgrade())
            await client.waitForEnd()
        }
        try await RawServer.run(serve) { port in
            try await RawServer.run(serve) { otherPort in
                let terminal = try await PseudoTerminal(Self.wsline, ["--bearer", "sesame", "127.0.0.1:\(port)"])
                try await terminal.wait(for: "connected to")
                try await terminal.send("/reconnect ws://127.0.0.1:\(port)/same\r")
                try await terminal.wait(for: "connected to .*/same")
                try await terminal.send("/reconnect ws://127.0.0.1:\(otherPort)/other\r")
                try await terminal.wait(for: "the credentials are not sent to 127.0.0.1:\(otherPort)")
                try await terminal.wait(for: "connected to .*/other")
                try await terminal.send("/quit\r")
                _ = try await terminal.exitStatus()
            }
        }
        request.finish()
        var received: [String] = []
        for await text in requests { received.append(text) }
        #expect(received.map { $0.contains("Authorization: Bearer sesame") } == [true, true, false])
    }

    @Test("The echo server receives credentials like any other, and bypasses the proxies of the environment")
    func echo() async throws {
        let result = try await Program.run(
            ["-v", "--auth", "joe:sesame", "--cookie", "a=sesame", "-x", "hi", "-1", "echo:"],
            environment: ["http_proxy": "http://127.0.0.1:1", "all_proxy": "http://127.0.0.1:1"]
        )
        #expect(result.status == 0 && result.text == "hi\n", "\(result)")
        #expect(result.error.contains("\n> Authorization: …\n"), "\(result)")
        #expect(result.error.contains("\n> Cookie: …\n"), "\(result)")
    }

    @Test(
        "A signal at the password prompt ends the program and restores the terminal",
        arguments: [SIGINT, SIGTERM, SIGHUP]
    )
    func signaled(number: Int32) async throws {
        let terminal = try await PseudoTerminal(Self.wsline, ["--auth", "joe", "127.0.0.1:1"])
        try await terminal.wait(for: "^Password for joe")
        #expect(try await terminal.modes() == Modes(canonical: true, echo: false, signals: true))
        try await terminal.signal(number)
        #expect(try await terminal.exitStatus() == -number)
        #expect(try await terminal.modes() == .usual)
    }

    @Test("Ctrl-C at the password prompt ends the program and restores the terminal")
    func interrupted() async throws {
        let script = "trap : INT; \"$0\" --auth joe 127.0.0.1:1; echo end $?; stty -a"
        let terminal = try await PseudoTerminal("/bin/sh", ["-c", script, Self.wsline])
        try await terminal.wait(for: "^Password for joe")
        try await terminal.send("half\u{3}")
        try await terminal.wait(for: #"^end 130\n[\s\S]*isig icanon [\s\S]* echo "#)
    }

    @Test("Ctrl-D at the password prompt is an error")
    func noAnswer() async throws {
        let terminal = try await PseudoTerminal(Self.wsline, ["--auth", "joe", "127.0.0.1:1"])
        try await terminal.wait(for: "^Password for joe")
        try await terminal.send("\u{4}")
        try await terminal.wait(for: "^wsline: .*: Password for joe at 127.0.0.1:1$")
        #expect(try await terminal.exitStatus() == 66)
    }

    @Test("A missing password without a terminal to ask at is an error")
    func nobodyToAsk() async throws {
        let script = "\(PseudoTerminal.withoutTerminal) \"$0\" --auth joe 127.0.0.1:1; echo end $?"
        let terminal = try await PseudoTerminal("/bin/sh", ["-c", script, Self.wsline], columns: 120)
        try await terminal.wait(for: "^wsline: .*: Password for joe at 127.0.0.1:1; .*@FILE.*\nend 64$")
    }

    @Test(
        "An error does not repeat a secret given in the wrong place",
        arguments: [
            ["--proxy", "host:s3cret", "ws://h"], ["--proxy=host:s3cret", "ws://h"], ["-H", "s3cret", "ws://h"],
            ["-H", "Authorization Bearer s3cret:x", "ws://h"], ["-H", "X-A:b\nc: s3cret", "ws://h"],
            ["test", "ws://joe:s3cret@h"], ["test", "ws://h/?token=s3cret"], ["replay", "ws://joe:s3cret@h", "ws://h"],
            ["serve", "joe:s3cret@h"], ["--resolve", "joe:s3cret@h", "ws://h"],
        ]
    )
    func misplaced(arguments: [String]) async throws {
        let result = try await Program.run(arguments)
        #expect([64, 66].contains(result.status), "\(result)")
        #expect(!result.error.contains("s3cret"), "\(result)")
    }

    @Test(
        "The error for a malformed response does not repeat secrets from its headers",
        arguments: [
            "Location: /?token=s3cret\u{1B}\r\n", "Set-Cookie: sid=s3cret\u{1B}\r\n", "Set-Cookie: sid=s3cret\n",
        ]
    )
    func malformedResponse(header: String) async throws {
        let result = try await RawServer.run { client in
            _ = try await client.readRequest()
            try await client.write("HTTP/1.1 302 Found\r\n\(header)Content-Length: 0\r\n\r\n")
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["-L", "127.0.0.1:\(port)"])
        }
        #expect(result.status == 76, "\(result)")
        #expect(!result.error.contains("s3cret"), "\(result)")
    }

    @Test("A command that contains a password or token is left out of the history")
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
        try await terminal.wait(for: "^cannot connect to 127.0.0.1:1: ")
        try await terminal.send("/reconnect ws://127.0.0.1:2/?token=sesame\r")
        try await terminal.wait(for: "^cannot connect to 127.0.0.1:2: ")
        try await terminal.send("/reconnect ws:/joe:sesame\r")
        try await terminal.wait(for: "two slashes must follow the scheme")
        try await terminal.send("/quit\r")
        _ = try await terminal.exitStatus()
        #expect(try String(contentsOfFile: folder + "/wsline/history", encoding: .utf8) == "kept\n/quit\n")
    }
}
