import Foundation
import ProcessSupport
import TestSupport
import Testing

@testable import wsline

/// Tests of wscat's command lines, and of a websocat option with a different meaning.
@Suite(.fewAtATime) struct WscatTests {
    /// Runs a command line in which URL is replaced by that of a server that echoes one message and records the
    /// request.
    private func run(_ arguments: [String]) async throws -> (request: String, result: ProgramResult) {
        let requests = Requests()
        let result = try await RawServer.run { client in
            await requests.append(try await client.upgrade())
            let frame = try await client.readFrame()
            try await client.write(ServerFrame.ping("p") + ServerFrame.frame(0x81, frame.payload))
            _ = try await client.readToClose()
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            let url = "ws://127.0.0.1:\(port)"
            return try await Program.run(arguments.map { $0.replacing("URL", with: url) })
        }
        return (await requests.all, result)
    }

    private actor Requests {
        var all = ""
        func append(_ request: String) { all += request }
    }

    @Test(
        "Every wscat option for connecting is accepted",
        arguments: [
            (["-c", "URL"], "GET / "), (["--connect", "URL"], "GET / "), (["--connect=URL"], "GET / "),
            (["-cURL"], "GET / "), (["-nc", "URL"], "GET / "), (["-LPc", "URL"], "GET / "),
            (["-c", "URL", "--auth", "joe:sesame"], "Authorization: Basic am9lOnNlc2FtZQ=="),
            (["-c", "URL", "--host", "name"], "Host: name"), (["-c", "URL", "-H", "X-Key: 1"], "X-Key: 1"),
            (["-c", "URL", "--header", "X-Key:1"], "X-Key: 1"), (["-c", "URL", "--no-color"], "GET / "),
            (["--max-redirects", "-Lc", "URL"], "GET / "), (["--max-redirects", "3", "-L", "-c", "URL"], "GET / "),
            (["-c", "URL", "-L"], "GET / "), (["-c", "URL", "--location"], "GET / "),
            (["-c", "URL", "-n"], "GET / "), (["-c", "URL", "--no-check"], "GET / "),
            (["-c", "URL", "-o", "http://a"], "Origin: http://a"),
            (["-c", "URL", "--origin", "http://a"], "Origin: http://a"),
            (["-c", "URL", "-p", "13"], "Sec-WebSocket-Version: 13"),
            (["-c", "URL", "--protocol", "13"], "Sec-WebSocket-Version: 13"),
            (["-c", "URL", "-s", "a", "-s", "b"], "Sec-WebSocket-Protocol: a, b"),
            (["-c", "URL", "--subprotocol", "a"], "Sec-WebSocket-Protocol: a"), (["-c", "URL", "--slash"], "GET / "),
            (["-c", "URL", "-P"], "GET / "), (["-c", "URL", "--show-ping-pong"], "GET / "),
            (["-c", "URL", "-w", "0.1"], "GET / "), (["-c", "URL", "--wait", "0.1"], "GET / "),
        ]
    )
    func connect(arguments: [String], line: String) async throws {
        let execute = arguments.contains("-c") ? "-x" : "--execute"
        let wait = arguments.contains { $0 == "-w" || $0 == "--wait" } ? [] : ["-w", "0.1"]
        let (request, result) = try await run(arguments + [execute, "hi"] + wait)
        #expect(result.status == 0, "\(result)")
        #expect(result.text == "hi\n", "\(result)")
        #expect(request.lowercased().contains(line.lowercased()), "\(request)")
    }

    @Test(
        "The names of curl's options are accepted",
        arguments: [
            (["--user", "joe:sesame"], "Authorization: Basic am9lOnNlc2FtZQ=="),
            (["-u", "joe:sesame"], "Authorization: Basic am9lOnNlc2FtZQ=="),
            (["-ujoe:sesame"], "Authorization: Basic am9lOnNlc2FtZQ=="),
            (["--oauth2-bearer", "abc"], "Authorization: Bearer abc"), (["-A", "me/1"], "User-Agent: me/1"),
            (["-bAme/1"], "User-Agent: me/1"), (["-HX-Key: -1"], "X-Key: -1"), (["-sa", "-p13"], "Protocol: a"),
            (["-ohttp://a", "-m9"], "Origin: http://a"), (["-H=X-Key: 1"], "X-Key: 1"),
            (["--user-agent", "me/1"], "User-Agent: me/1"), (["-L", "--max-redirs", "3"], "GET / "),
        ]
    )
    func curl(arguments: [String], line: String) async throws {
        let (request, result) = try await run(arguments + ["-x", "hi", "-w", "100ms", "URL"])
        #expect(result.status == 0, "\(result)")
        #expect(request.contains(line), "\(request)")
    }

    @Test(
        "A value attached to a letter is never read as more letters",
        arguments: [
            (["-xhello", "-1"], "hello\n"), (["-1xhello"], "hello\n"), (["-x=hello", "-1"], "hello\n"),
            (["-1", "-x", "-w1"], "-w1\n"), (["-1x", "-xh"], "-xh\n"), (["-xx", "-1", "--hide", "-why"], "x\n"),
        ]
    )
    func attached(arguments: [String], output: String) async throws {
        let result = try await Program.run(arguments + ["echo:"])
        #expect(result.status == 0 && result.text == output, "\(result)")
    }

    @Test("The letters of wsline's options are those that its help describes")
    func letters() async throws {
        let options = (try await ProgramDescription.current().subcommands ?? []).flatMap(\.options)
        func letters(_ kind: String) -> Set<Character> {
            let names = options.filter { $0.kind == kind }.flatMap(\.spellings).filter { $0.count == 2 }
            return Set(names.compactMap(\.last))
        }
        #expect(letters("option") == WscatArguments.lettersTakingValue)
        #expect(letters("flag").subtracting("h") == WscatArguments.flags)
    }

    @Test(
        "Every wscat option that takes a file is accepted",
        arguments: [
            ["--ca", "/nonexistent"], ["--cacert", "/nonexistent"], ["--cert", "/nonexistent"],
            ["--cert", "/nonexistent", "--key", "/nonexistent"],
        ]
    )
    func files(arguments: [String]) async throws {
        let result = try await Program.run(["-c", "wss://127.0.0.1:1", "--passphrase", "x"] + arguments)
        #expect(result.status == (arguments.contains("--cert") ? 66 : 64), "\(result)")
    }

    @Test(
        "A proxy without a scheme is accepted, as in wscat",
        arguments: [["--proxy", "127.0.0.1:1"], ["--proxy=http://127.0.0.1:1"]]
    )
    func proxy(arguments: [String]) async throws {
        let result = try await Program.run(["-c", "ws://127.0.0.1:2", "-x", "hi"] + arguments)
        #expect(result.status == 69, "\(result)")
        #expect(result.error.contains("proxy"), "\(result)")
    }

    @Test("wscat's -l and --listen work", arguments: [["-l", "0"], ["--listen", "0"], ["--listen=0"], ["-l0"]])
    func listen(arguments: [String]) async throws {
        let program = try Program("wsline", arguments)
        #expect(await program.readErrorLine().hasPrefix("wsline: listening on ws://127.0.0.1:"))
        program.signal(SIGINT)
        #expect(await program.result().status == 130)
    }

    @Test("wscat's options for help and version are accepted", arguments: [["-V"], ["--version"], ["-h"], ["--help"]])
    func information(arguments: [String]) async throws {
        let result = try await Program.run(arguments)
        #expect(result.status == 0 && !result.output.isEmpty, "\(result)")
    }

    @Test(
        "A warning about websocat's -n1 is printed, even with -q",
        arguments: [
            (["-n1"], "-n1"), (["-qn1"], "-qn1"), (["-1n"], "-1n"), (["-q", "-n0", "-1"], "-n0"), (["-n", "-1"], nil),
            (["-1", "-x", "-n1"], nil), (["-1", "-H", "-n1: x"], nil),
        ] as [([String], String?)]
    )
    func noClose(arguments: [String], cluster: String?) async throws {
        let (_, result) = try await run(arguments + ["URL"] + (arguments.contains("-x") ? [] : ["-x", "hi"]))
        let warning = cluster.map {
            "wsline: \($0) includes -n, which accepts any TLS certificate; for websocat's \($0) use -"
        }
        #expect(result.error.hasPrefix(warning ?? ""), "\(result)")
        #expect(result.error.isEmpty == (warning == nil), "\(result)")
        #expect(result.status == 0, "\(result)")
    }
}
