import Foundation
import ProcessSupport
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Tests of `wsline serve`, with wsline as the client.
@Suite(.fewAtATime) struct ServeTests {
    /// Runs a server, interrupts it after `body`, and returns its first line and its result.
    private func serve(
        _ arguments: [String],
        _ body: (_ url: String) async throws -> Void
    ) async throws -> (said: String, result: ProgramResult) {
        let server = try Program("wsline", arguments)
        let said = await server.readErrorLine()
        let url = try #require(said.firstMatch(of: /ws:\/\/[^ ]+/)).output
        do {
            try await body(String(url))
        } catch {
            server.signal(SIGKILL)
            throw error
        }
        server.signal(SIGINT)
        return (said, await server.result())
    }

    /// Starts a server and returns it with its URL.
    private func start(_ arguments: [String]) async throws -> (server: Program, url: String) {
        let server = try Program("wsline", ["serve"] + arguments + ["0"])
        let said = await server.readErrorLine()
        guard let url = said.firstMatch(of: /ws:\/\/[^ ]+/)?.output else {
            server.signal(SIGKILL)
            throw UnexpectedOutput(said: said)
        }
        return (server, String(url))
    }

    private struct UnexpectedOutput: Error {
        let said: String
    }

    /// Reads as many bytes of a program's output as the text has.
    private func read(_ program: Program, _ text: String) async -> String {
        var output = Data()
        while output.count < text.utf8.count {
            let more = await program.readOutput()
            if more.isEmpty { break }
            output += more
        }
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Automatic answers

    @Test(
        "serve --echo echoes messages, compressed or not, on the given address",
        arguments: [
            ["serve", "--echo", "0"], ["serve", "--echo", "--no-compress", "0"], ["serve", "--echo", "localhost:0"],
            ["-l", "0", "--echo", "--no-color", "--slash", "-P"],
        ]
    )
    func echo(arguments: [String]) async throws {
        let lines = Data((1...2000).map { "{\"id\":\($0),\"text\":\"äöü\"}\n" }.joined().utf8)
        let (said, end) = try await serve(arguments) { url in
            for options in [[], ["--no-compress"]] {
                let result = try await Program.run(options + ["--count", "2000", url], input: lines)
                #expect(result.status == 0, "\(result)")
                #expect(Bool(result.output == lines), "\(result)")
            }
        }
        #expect(said.hasPrefix("wsline: listening on ws://"))
        #expect(end.status == 130, "\(end)")
        #expect(end.output.isEmpty, "\(end)")
        // localhost may be either address.
        let told = end.error.replacing("::1", with: "127.0.0.1").split(separator: "\n").map {
            String($0.replacing(/port \d+$/, with: "port N"))
        }
        #expect(
            told == [
                "wsline: client 1 connected from 127.0.0.1, port N", "wsline: client 1 closed: 1000 normal closure",
                "wsline: client 2 connected from 127.0.0.1, port N", "wsline: client 2 closed: 1000 normal closure",
            ],
            "\(end)"
        )
    }

    @Test("Compression is negotiated unless --no-compress is given, and -v shows it")
    func compression() async throws {
        for (arguments, words) in [([], "permessage-deflate"), (["--no-compress"], nil)] as [([String], String?)] {
            let (_, end) = try await serve(["serve", "--echo", "-v", "0"] + arguments) { url in
                let result = try await Program.run(["-v", "-x", "hi", "-1", url])
                let answered = result.error.firstMatch(of: /< Sec-WebSocket-Extensions: ([^\n]*)/)
                #expect(answered.map { String($0.output.1) } == words, "\(result)")
            }
            #expect(end.error.contains("\n1< GET / HTTP/1.1\n"), "\(end)")
            #expect(end.error.contains("\n1> HTTP/1.1 101 Switching Protocols\n"), "\(end)")
        }
    }

    @Test("serve --broadcast sends a message to all clients except its sender")
    func broadcast() async throws {
        let (server, url) = try await start(["--broadcast"])
        defer { server.signal(SIGKILL) }
        let clients = try (1...3).map { _ in try Program("wsline", [url]) }
        for _ in clients { #expect(await server.readErrorLine().contains("connected from")) }
        clients[0].write(Data("from the first\n".utf8))
        for client in clients[1...] { #expect(await read(client, "from the first\n") == "from the first\n") }
        clients[1].write(Data("from the second\n".utf8))
        #expect(await read(clients[0], "from the second\n") == "from the second\n")
        server.signal(SIGTERM)
        for client in clients {
            let result = await client.result()
            // Status 0, because the server closed with 1001.
            #expect(result.status == 0, "\(result)")
        }
        let end = await server.result()
        #expect(end.status == 143, "\(end)")
    }

    @Test("A client that violates the protocol or exceeds a limit gets a close code, and its own exit status")
    func limits() async throws {
        _ = try await serve(["serve", "--echo", "--max-message-size", "1K", "0"]) { url in
            let result = try await Program.run(["-x", String(repeating: "a", count: 1025), url])
            #expect(result.status == 2, "\(result)")
            #expect(result.error.contains("1009"), "\(result)")
        }
    }

    // MARK: Standard input and output

    @Test("Lines of standard input wait for the first client, and only its messages are printed")
    func pipe() async throws {
        let (server, url) = try await start(["--once"])
        server.write(Data("one\ntwo\n".utf8))
        server.endInput()
        let client = try Program("wsline", ["-w", "0", url])
        client.write(Data("from the client\n".utf8))
        #expect(await read(client, "one\ntwo\n") == "one\ntwo\n")
        client.endInput()
        #expect(await client.result().status == 0)
        let end = await server.result()
        #expect(end.status == 0, "\(end)")
        #expect(end.text == "from the client\n", "\(end)")
        #expect(end.error.hasSuffix("wsline: client 1 closed: 1000 normal closure\n"), "\(end)")
    }

    @Test("All clients receive all lines of standard input in order; -b sends binary messages")
    func manyLines() async throws {
        let lines = Data((1...20_000).map { "line \($0) \(String(repeating: ".", count: 80))\n" }.joined().utf8)
        for options in [[], ["-b"]] {
            let (server, url) = try await start(options)
            defer { server.signal(SIGKILL) }
            let clients = try (1...2).map { _ in
                try Program("wsline", ["--count", "20000", "--binary-as", "base64", url])
            }
            for _ in clients { #expect(await server.readErrorLine().contains("connected from")) }
            server.write(lines)
            // Both at once, because sending waits for the slowest client.
            async let first = clients[0].result()
            async let second = clients[1].result()
            for result in await [first, second] {
                #expect(result.status == 0, "\(result)")
                let expected = options.isEmpty ? lines : Self.encoded(lines)
                #expect(Bool(result.output == expected), "\(result)")
            }
        }
    }

    private static func encoded(_ lines: Data) -> Data {
        Data(lines.split(separator: 0x0A).flatMap { $0.base64EncodedData() + [0x0A] })
    }

    @Test("Lines read while no client is connected are reported as not sent")
    func noClient() async throws {
        let (server, _) = try await start(["-v"])
        server.write(Data("nobody gets this\n".utf8))
        #expect(await server.readErrorLine() == "* waiting for a client to send the input to")
        server.signal(SIGINT)
        let end = await server.result()
        #expect(end.status == 130, "\(end)")
        #expect(end.error.hasPrefix("wsline: 1 message read from the input not sent"), "\(end)")
    }

    @Test("A line that is not valid UTF-8 ends the server with 65, after the lines before it were sent")
    func notUTF8() async throws {
        let (server, url) = try await start([])
        server.write(Data("good\n".utf8) + [0xFF, 0x0A])
        let client = try await Program.run(["--receive-only", url])
        #expect(client.text == "good\n", "\(client)")
        let end = await server.result()
        #expect(end.status == 65, "\(end)")
        #expect(end.error.contains("line 2 of standard input is not UTF-8 at byte 1"), "\(end)")
    }

    @Test("Frames of HTTP/2 are printed with their stream, and events have the version but no pseudo-header fields")
    func http2() async throws {
        let (server, url) = try await start(["-vv", "--echo"])
        let options = ["-vv", "--json", "--http2-prior-knowledge", "-1", "-x", "hi"]
        let client = try await Program.run(options + [url])
        #expect(client.error.contains("> frame: stream 1, text, masked, 2 bytes\n< frame: stream 1, text, 2 bytes"))
        #expect(client.text.contains(#""status":200,"http_version":"2","#), "\(client)")
        #expect(!client.text.contains(":path"), "\(client)")
        server.signal(SIGINT)
        let end = await server.result()
        #expect(end.error.contains("1< frame: stream 1, text, masked, 2 bytes\n"), "\(end)")
    }

    // MARK: Admission and time limits

    @Test(
        "With --once, the exit status reports how the client ended",
        arguments: [
            (["-w", "0", "-x", "a"], 0, "closed: 1000 normal closure"),
            (["-w", "0", "-x", "a", "--close-code", "1001"], 0, "closed: 1001 going away"),
            (
                ["-w", "0", "-x", "a", "--close-code", "4001", "--close-reason", "why"], 2,
                "closed: 4001 private use: \"why\""
            ),
            (["-x", String(repeating: "a", count: 2000)], 76, "was closed with 1009"),
            (["--receive-only"], 75, "was closed: it sent nothing for 0.3 s (--idle-timeout)"),
        ] as [([String], Int32, String)]
    )
    func once(arguments: [String], status: Int32, words: String) async throws {
        let (server, url) = try await start([
            "--once", "--echo", "--max-message-size", "1K", "--idle-timeout",
            arguments == ["--receive-only"] ? "0.3" : "100",
        ])
        _ = try await Program.run(arguments + [url])
        let end = await server.result()
        #expect(end.status == status, "\(end)")
        let last = end.error.split(separator: "\n").last ?? ""
        #expect(last.hasPrefix("wsline: client 1 \(words)"), "\(end)")
    }

    @Test(
        "A rejected client gets the reason and is reported in one line, unless -q is given",
        arguments: [[], ["-q"]]
    )
    func refused(quiet: [String]) async throws {
        let (server, url) = try await start(["--allow-origin", "http://good.example", "--max-clients", "1"] + quiet)
        defer { server.signal(SIGKILL) }
        let evil = try await Program.run(["-o", "http://evil", "-x", "hi", url])
        #expect(evil.status == 77, "\(evil)")
        #expect(evil.error.contains("\n  | the origin \"http://evil\" "), "\(evil)")
        let good = try Program("wsline", ["-o", "HTTP://good.example", url])
        good.write(Data("hi\n".utf8))
        #expect(await read(server, "hi\n") == "hi\n")
        let second = try await Program.run(["-x", "hi", url])
        #expect(second.status == 69, "\(second)")
        #expect(second.error.contains("503 Service Unavailable"), "\(second)")
        server.signal(SIGINT)
        #expect(await good.result().status == 0)
        let told = await server.result().error.split(separator: "\n").map {
            String($0.replacing(/port \d+/, with: "port N"))
        }
        let expected = [
            "wsline: a client from 127.0.0.1, port N was rejected: 403, origin \"http://evil\" is not allowed",
            "wsline: client 1 connected from 127.0.0.1, port N",
            "wsline: a client from 127.0.0.1, port N was rejected: 503, this server accepts no more than 1 client at once",
            "wsline: client 1 closed: 1001 going away",
        ]
        #expect(told == (quiet.isEmpty ? expected : []))
    }

    @Test("The response contains the given headers and the negotiated subprotocol")
    func answer() async throws {
        _ = try await serve(["serve", "--echo", "-H", "X-One: 1", "-H", "X-Two: 2", "-s", "v2", "-s", "v1", "0"]) {
            url in
            let result = try await Program.run(["-v", "-s", "v1", "-s", "v2", "-x", "hi", "-1", url])
            #expect(result.status == 0, "\(result)")
            for line in ["< X-One: 1", "< X-Two: 2", "< Sec-WebSocket-Protocol: v1"] {
                #expect(result.error.split(separator: "\n").contains { $0 == line }, "\(result)")
            }
        }
    }

    // MARK: Command line

    @Test(
        "An invalid command line is reported in one line",
        arguments: [
            (["--echo", "--broadcast", "0"], 64, "--echo and --broadcast"),
            (["--key", "key.pem", "0"], 64, "--key requires --cert"),
            (["--cert", "/nonexistent", "0"], 66, "cannot read a certificate from \"/nonexistent\": no such file"),
            (["--cert", "/dev/null", "0"], 66, "cannot read a certificate from \"/dev/null\": it is not PEM"),
            (["--allow-origin", "example.com", "0"], 64, "such as https://example.com"),
            (["--allow-origin", "http://example.com/", "0"], 64, "such as https://example.com"),
            (["-H", "Upgrade: x", "0"], 64, "header \"Upgrade: x\""),
            (["-H", "X", "0"], 64, "must be NAME:VALUE"),
            (["-s", "a b", "0"], 64, "subprotocol \"a b\""),
            (["--max-clients", "0", "0"], 64, "must be a positive integer"),
            (["--idle-timeout", "0", "0"], 64, "\"0\" is invalid for \"--idle-timeout <seconds>\""),
            (["-q", "-v", "0"], 64, "-q and -v"),
            ([], 64, "address"),
        ] as [([String], Int32, String)]
    )
    func usage(arguments: [String], status: Int32, words: String) async throws {
        let result = try await Program.run(["serve"] + arguments)
        #expect(result.status == status, "\(result)")
        #expect(result.error.contains(words), "\(result)")
        #expect(result.error.split(separator: "\n").count == 1, "\(result)")
    }

    @Test("An address that is not local or already in use is reported in one line")
    func refusedAddresses() async throws {
        _ = try await serve(["serve", "--echo", "0"]) { url in
            let address = url.trimmingPrefix("ws://").dropLast()
            for (arguments, status, words) in [
                ([String(address)], 69, "port 0 picks a free one"), (["192.0.2.1:0"], 69, "cannot listen on"),
                (["host.invalid:0"], 68, "cannot resolve \"host.invalid\""), (["70000"], 64, "70000"),
            ] as [([String], Int32, String)] {
                let result = try await Program.run(["serve"] + arguments)
                #expect(result.status == status, "\(result)")
                #expect(result.error.contains(words), "\(result)")
                #expect(result.error.split(separator: "\n").count == 1, "\(result)")
            }
        }
    }

    @Test("Listening on a non-local address is always announced", arguments: [["--echo"], ["-q"]])
    func otherMachines(arguments: [String]) async throws {
        let server = try Program("wsline", ["serve", "0.0.0.0:0"] + arguments)
        _ = await server.readErrorLine()
        let second = await server.readErrorLine()
        server.signal(SIGTERM)
        #expect(second.contains("other machines can connect"))
        #expect(await server.result().status == 143)
    }
}
