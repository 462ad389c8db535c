import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Tests of the exit statuses, each with the message for the user.
@Suite(.fewAtATime) struct ExitStatusTests {
    @Test(
        "An invalid command line is reported in one line",
        arguments: [
            (["-v"], "\"<url>\""),
            (["--cuont", "3", "echo:"], "did you mean \"--count\"?"),
            (["ws:/u:sesame@h"], "URL \"ws:/…@h\""), (["ws://u:ses/ame@h"], "URL \"ws://…@h\""),
            (["ws://h:sesame"], "URL \"ws://h:…\""), (["u:sesame!@h!"], "URL \"…@h!\""),
            (["ws://h/?token=sesame#x"], "URL \"ws://h/?token=…#x\""),
            (["--proxy=http://u:ses ame@h/x", "echo:"], "\"http://…@h/x\" for --proxy"),
            (["--proxy", "socks5://u:\(String(repeating: "sesame", count: 43))@h", "echo:"], "255 bytes"),
            (["ftp://h"], "URL \"ftp://h\": unknown scheme"),
            (["ws://h/#x"], "fragment"),
            (["--filter", "", "echo:"], "\"\" is invalid for \"--filter <pattern>\""),
            (["--count", "0", "echo:"], "\"0\" is invalid for \"--count <n>\""),
            (["-w", "-1", "echo:"], "\"-1\" is invalid for \"-w <seconds>\""),
            (["--connect-timeout", "0", "echo:"], "\"0\" is invalid for \"--connect-timeout <seconds>\""),
            (["--max-message-size", "5X", "echo:"], "\"5X\" is invalid for \"--max-message-size <size>\""),
            (["--close-code", "abc", "echo:"], "\"abc\" is invalid for \"--close-code <code>\""),
            (["--send-only", "--json", "echo:"], "--send-only and --json"),
            (["replay", "--json", "--pretty", "session.jsonl", "echo:"], "--json cannot be used with --pretty"),
            (["serve", "99999"], "\"99999\" is invalid for \"<address>\""),
            (["-c", "ws://h/", "-l", "5"], "(serve, -l)"),
            (["test", "--from", "a", "--tap"], "--from and --tap"),
            (["test", "--junit", "-", "a.ws"], "--junit"),
            (["--expect", "{\"a\":", "echo:"], "is invalid for \"--expect <pattern>\""),
            (["serve", "localhost"], "\"localhost\" is invalid for \"<address>\""),
            (["serve", ":8080"], "a port alone listens on 127.0.0.1"),
            (["serve", "::1:8080"], "[::1]:8080"),
            (["http:/h"], "two slashes must follow the scheme, as in http://"),
            (["ws://joe:sesame@h/#x"], "URL \"ws://…@h/#x\""),
            (["--proxy", "http://joe:ses@me@h/x", "echo:"], "\"http://…@h/x\" for --proxy"),
            (["-H", "Authorization sesame", "echo:"], "header \"Authorization…\""),
            (["--netrc", "echo:"], "--netrc has no effect with echo:"),
            (["--ca", "/dev/null", "echo:"], "--ca has no effect with echo:"),
            (["-n", "echo:"], "--no-check has no effect with echo:"),
            (["--tls-min", "1.2", "echo:"], "--tls-min has no effect with echo:"),
            (["--resolve", "h:80:127.0.0.1", "echo:"], "--resolve has no effect with echo:"),
            (["replay", "--proxy", "http://h:1", "/dev/null", "echo:"], "--proxy has no effect with echo:"),
            (["--passphrase", "sesame", "wss://h"], "--passphrase requires --cert"),
            (["--auth", "", "echo:"], "--auth: must be USER or USER:PASSWORD"),
            (["echo:/x"], "URL \"echo:/x\""),
            (["-1", "--count", "2", "echo:"], "-1 and --count"),
            (["-q", "-v", "echo:"], "-q and -v"),
            (["-w", "soon", "echo:"], "soon"),
            (["-H", "no colon", "echo:"], "header \"no…\": must be NAME:VALUE"),
            (["-H", "X: a\r\nY: b", "echo:"], "a header value must not contain control characters"),
            (["--max-message-size", "-1", "echo:"], "--max-message-size"),
            (["-s", "a b", "echo:"], "\"a b\" is invalid for \"-s <name>\""),
        ]
    )
    func usage(arguments: [String], words: String) async throws {
        let result = try await Program.run(arguments)
        #expect(result.status == 64, "\(result)")
        #expect(result.error.hasPrefix("wsline: "), "\(result)")
        #expect(result.error.contains(words), "\(result)")
        #expect(result.error.split(separator: "\n").count == 1, "\(result)")
        #expect(!result.error.contains("sesame"), "\(result)")
    }

    @Test("An unreachable port and an unknown host have different exit statuses")
    func unreachable() async throws {
        let refused = try await Program.run(["127.0.0.1:1"])
        #expect(refused.status == 69, "\(refused)")
        #expect(
            refused.error == "wsline: cannot connect to 127.0.0.1:1: connection refused\n",
            "\(refused)"
        )
        let unknown = try await Program.run(["host.invalid"])
        #expect(unknown.status == 68, "\(unknown)")
        #expect(unknown.error.hasPrefix("wsline: cannot resolve \"host.invalid\""), "\(unknown)")
        let proxy = try await Program.run(["--proxy", "http://host.invalid", "h"])
        #expect(proxy.error.hasPrefix("wsline: cannot resolve the proxy \"host.invalid\""), "\(proxy)")
    }

    @Test("--connect-timeout limits the wait for a server that never answers")
    func connectTimeout() async throws {
        let result = try await RawServer.run { client in
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["--connect-timeout", "0.2", "127.0.0.1:\(port)"])
        }
        #expect(result.status == 75, "\(result)")
        #expect(result.error.contains("after 0.2 s"), "\(result)")
    }

    @Test(
        "A refused upgrade is reported with the server's status and the start of its body",
        arguments: [
            ("HTTP/1.1 401 Unauthorized", 77), ("HTTP/1.1 403 Forbidden", 77), ("HTTP/1.1 404 Not Found", 69),
            ("HTTP/1.1 500 Internal Server Error", 69), ("HTTP/1.1 200 OK", 69),
        ] as [(String, Int32)]
    )
    func refused(statusLine: String, status: Int32) async throws {
        let result = try await RawServer.run { client in
            _ = try await client.readRequest()
            try await client.write("\(statusLine)\r\nContent-Length: 18\r\n\r\ntoken \u{1B}[2Jmissing\n")
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["127.0.0.1:\(port)"])
        }
        #expect(result.status == status, "\(result)")
        #expect(result.error.contains("refused the upgrade: \(statusLine.dropFirst(9))"), "\(result)")
        #expect(result.error.contains("--auth") == (status == 77), "\(result)")
        #expect(result.error.contains("--origin") == statusLine.contains("403"), "\(result)")
        #expect(result.error.hasSuffix("\n  | token \\e[2Jmissing\n"), "\(result)")
    }

    @Test("A wrong Sec-WebSocket-Accept is a protocol error")
    func wrongAccept() async throws {
        let result = try await RawServer.run { client in
            _ = try await client.readRequest()
            try await client.write(
                "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: abc\r\n\r\n"
            )
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["127.0.0.1:\(port)"])
        }
        #expect(result.status == 76, "\(result)")
        #expect(result.error.contains("Sec-WebSocket-Accept header is \"abc\""), "\(result)")
    }

    @Test(
        "The server's close code determines the exit status",
        arguments: [
            (1000, "", 0, ""), (1001, "bye", 0, ""),
            (
                1011, "database\naway", 2,
                "wsline: the server closed the connection: 1011 internal error: \"database\\naway\"\n"
            ),
            (4000, "", 2, "wsline: the server closed the connection: 4000 private use\n"),
        ] as [(UInt16, String, Int32, String)]
    )
    func serverCloses(code: UInt16, reason: String, status: Int32, words: String) async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.text("last") + ServerFrame.close(code, reason))
            _ = try await client.readFrame()
        } _: { port in
            try await Program.run(["--receive-only", "127.0.0.1:\(port)"])
        }
        #expect(result.text == "last\n", "\(result)")
        #expect(result.status == status, "\(result)")
        #expect(result.error == words, "\(result)")
    }

    @Test("A lost connection has a different exit status than a closed one")
    func lost() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.text("half"))
        } _: { port in
            try await Program.run(["--receive-only", "127.0.0.1:\(port)"])
        }
        #expect(result.text == "half\n", "\(result)")
        #expect(result.status == 74, "\(result)")
        #expect(result.error.hasPrefix("wsline: the connection was lost without a Close"), "\(result)")
    }

    @Test(
        "A protocol violation by the server is reported with the rule it breaks",
        arguments: [
            ([0xC1, 0x00], "RSV1", "5.2"), ([0x81, 0x01, 0xFF], "not UTF-8 at byte 0", "8.1"),
            ([0x81, 0x80, 0, 0, 0, 0], "masked", "5.1"),
        ] as [([UInt8], String, String)]
    )
    func violation(bytes: [UInt8], words: String, section: String) async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade(then: bytes)
            _ = try await client.readFrame()
        } _: { port in
            try await Program.run(["--receive-only", "127.0.0.1:\(port)"])
        }
        #expect(result.status == 76, "\(result)")
        #expect(result.error.contains(words), "\(result)")
        #expect(result.error.contains("RFC 6455, section \(section)"), "\(result)")
    }

    @Test("A message larger than --max-message-size is rejected with 1009")
    func tooLarge() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.text(String(repeating: "x", count: 1025)))
            let close = try await client.readFrame()
            #expect(close.payload.prefix(2) == [0x03, 0xF1])
        } _: { port in
            try await Program.run(["--receive-only", "--max-message-size", "1K", "127.0.0.1:\(port)"])
        }
        #expect(result.status == 76, "\(result)")
        #expect(result.error.contains("limit of 1024"), "\(result)")
        #expect(result.output.isEmpty, "\(result)")
    }

    @Test("A signal closes the connection and determines the exit status", arguments: [SIGINT, SIGTERM])
    func signal(number: Int32) async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.text("ready"))
            let close = try await client.readFrame()
            #expect(close.first == 0x88)
            try await client.write(ServerFrame.close(1000))
        } _: { port in
            let program = try Program("wsline", ["127.0.0.1:\(port)"])
            #expect(await !program.readOutput().isEmpty)
            program.signal(number)
            return await program.result()
        }
        #expect(result.status == 128 + number, "\(result)")
        #expect(result.error.isEmpty, "\(result)")
    }

    @Test(
        "A second signal ends the program at once",
        arguments: [(SIGINT, SIGTERM), (SIGTERM, SIGINT), (SIGHUP, SIGHUP)]
    )
    func secondSignal(first: Int32, second: Int32) async throws {
        let (closes, closed) = AsyncStream.makeStream(of: Void.self)
        let result = try await RawServer.run { client in
            defer { closed.finish() }
            try await client.upgrade(then: ServerFrame.text("ready"))
            #expect(try await client.readFrame().first == 0x88)
            closed.yield()
            await client.waitForEnd()
        } _: { port in
            let program = try Program("wsline", ["--close-timeout", "600", "127.0.0.1:\(port)"])
            #expect(await !program.readOutput().isEmpty)
            while ![SIGHUP, SIGINT, SIGTERM].allSatisfy(program.handles) {
                try await Task.sleep(for: .milliseconds(5))
            }
            program.signal(first)
            for await _ in closes { break }
            program.signal(second)
            return await program.result()
        }
        #expect(result.status == 128 + second, "\(result)")
    }

    @Test(
        "Messages left unsent when the server closes are part of the error, and its Close determines the status",
        arguments: [
            (["-x", "a"], 4401, 2, "4401 private use", "1 message was not sent"),
            (["-x", "a"], nil, 74, "no code", "1 message was not sent"),
            (["--reconnect", "-x", "a"], 1008, 2, "1008 policy violation", "1 message was not sent"),
            (["-1", "-x", "a"], 1000, 1, "received 0 of 1 messages", "1 message was not sent"),
            ([], 1000, 74, "1000 normal closure", "2 messages were not sent"),
            (["--reconnect"], 1000, 74, "1000 normal closure", "2 messages were not sent"),
        ] as [([String], UInt16?, Int32, String, String)]
    )
    func unsent(arguments: [String], code: UInt16?, status: Int32, words: String, unsent: String) async throws {
        let (input, inputWritten) = AsyncStream.makeStream(of: Void.self)
        let result = try await RawServer.run { client in
            for await _ in input { break }
            // The Close arrives with the response, before anything can be sent.
            try await client.upgrade(then: ServerFrame.close(code))
            _ = try await client.readFrame()
        } _: { port in
            let program = try Program("wsline", ["--json"] + arguments + ["127.0.0.1:\(port)"])
            program.write(Data("one\ntwo\n".utf8))
            program.endInput()
            inputWritten.yield()
            return await program.result()
        }
        #expect(result.status == status, "\(result)")
        #expect(result.error.hasPrefix("wsline: "), "\(result)")
        #expect(result.error.contains(words), "\(result)")
        #expect(result.error.hasSuffix("; \(unsent)\n"), "\(result)")
        #expect(!result.text.contains(#""direction":"sent""#), "\(result)")
    }

    @Test("A server that closes normally before the input ends is announced")
    func openInput() async throws {
        let result = try await RawServer.run { client in
            try await client.upgrade()
            let frame = try await client.readFrame()
            try await client.write(ServerFrame.frame(0x81, frame.payload) + ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            let program = try Program("wsline", ["127.0.0.1:\(port)"])
            program.write(Data("one\n".utf8))
            return await program.result()
        }
        #expect(result.text == "one\n", "\(result)")
        #expect(result.status == 0, "\(result)")
        #expect(result.error == "wsline: the server closed the connection before the input ended\n", "\(result)")
    }

    @Test("Input that is left when --count is reached is no failure")
    func countReached() async throws {
        let input = Data(String(repeating: "line\n", count: 100_000).utf8)
        let result = try await Program.run(["-1", "echo:"], input: input)
        #expect(result.text == "line\n", "\(result)")
        #expect(result.status == 0 && result.error.isEmpty, "\(result)")
    }

    @Test("-v prints the handshake of both sides without secrets")
    func verbose() async throws {
        let arguments = ["-v", "-H", "Authorization: Bearer s3cret", "-H", "X-Session-Id: s3cret", "-x", "hi", "echo:"]
        let result = try await Program.run(arguments)
        #expect(result.text == "hi\n", "\(result)")
        for line in ["> GET / HTTP/1.1", "> Upgrade: websocket", "< HTTP/1.1 101 Switching Protocols"] {
            #expect(result.error.contains(line + "\n"), "\(result)")
        }
        #expect(!result.error.contains("s3cret"), "\(result)")
        let shown = try await Program.run(["--show-secrets"] + arguments)
        #expect(shown.error.contains("\n> Authorization: Bearer s3cret\n"), "\(shown)")
        #expect(shown.error.contains("\n> X-Session-Id: s3cret\n"), "\(shown)")
    }
}
