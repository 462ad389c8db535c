import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Tests of credentials that a command prints.
extension CredentialTests {
    /// Returns the requests that a server receives, which then closes each connection with a code.
    private func requests(_ code: UInt16, _ arguments: [String]) async throws -> ([String], ProgramResult) {
        let (requests, request) = AsyncStream.makeStream(of: String.self)
        let result = try await RawServer.run { client in
            request.yield(try await client.upgrade(then: ServerFrame.close(code)))
            await client.waitForEnd()
        } _: { port in
            try await Program.run(arguments + ["--receive-only", "127.0.0.1:\(port)"])
        }
        request.finish()
        return (await requests.reduce(into: []) { $0.append($1) }, result)
    }

    @Test(
        "The output of a command is a credential",
        arguments: [
            (["--bearer", "!printf 'one\\n'"], "Authorization: Bearer one"),
            (["--cookie", "!echo a=1"], "Cookie: a=1"),
            (["-u", "!echo me:secret"], "Authorization: Basic bWU6c2VjcmV0"),
            (["-H", "X-Key: !echo \"key\" | tr k K"], "X-Key: Key"),
        ]
    )
    func commandOutput(options: [String], field: String) async throws {
        let (requests, result) = try await requests(1000, options)
        #expect(result.status == 0, "\(result)")
        #expect(requests.first?.contains(field + "\r\n") == true, "\(requests)")
    }

    @Test("Each attempt to reconnect runs the command again")
    func freshCommandOutput() async throws {
        let count = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: count) }
        let command = "!echo x >> \(count); wc -l < \(count) | tr -d ' '"
        let (requests, result) = try await requests(1012, ["--reconnect", "2", "--bearer", command])
        #expect(result.status == 2, "\(result)")
        let tokens = requests.compactMap { $0.firstMatch(of: /Bearer (\d+)/).map { String($0.output.1) } }
        #expect(tokens.count == 3 && tokens == ["1", "2", "3"], "\(requests)")
    }

    @Test(
        "A command that fails is an error without a connection, and its output is not shown",
        arguments: [
            (["--bearer", "!echo secret; echo why >&2; exit 3"], "--bearer exited with status 3\n  | why\n"),
            (["--cookie", "!echo secret; echo secret"], "--cookie printed an invalid value: more than one line"),
            (["--auth", "!echo secret"], "--auth printed an invalid value: it must be USER:PASSWORD"),
            (["--bearer", "!true"], "--bearer printed an invalid value: nothing"),
            (["--bearer", "!printf 'secret\\033'"], "--bearer printed an invalid value: a header value must not"),
            (["--bearer", "!yes secret"], "--bearer printed more than 64 KiB"),
        ]
    )
    func failedCommand(options: [String], error: String) async throws {
        let (requests, result) = try await requests(1000, options)
        #expect(requests.isEmpty)
        #expect(result.status == 69 && result.error.contains(error) && !result.error.contains("secret"), "\(result)")
    }

    @Test(
        "A command that does not exit in time exceeds the time limit of the connection, or of the run",
        arguments: [
            (["--connect-timeout", "100ms"], "timed out after 0.1 s waiting for the command of --bearer to exit"),
            (["-m", "100ms"], "timed out after 0.1 s (--max-time)"),
        ]
    )
    func slowCommand(limit: [String], error: String) async throws {
        let result = try await Program.run(limit + ["--bearer", "!sleep 100", "echo:"])
        #expect(result.status == 75 && result.error.contains(error), "\(result)")
    }

    @Test("A command that fails is run again with --reconnect")
    func failedCommandAndReconnect() async throws {
        let flag = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: flag) }
        let command = "!test -e \(flag) && echo token || { touch \(flag); exit 1; }"
        let (requests, result) = try await requests(1000, ["--reconnect", "1", "--bearer", command])
        #expect(requests.count == 1 && result.status == 0, "\(result)")
    }

    @Test("An empty command is an error of the command line")
    func emptyCommand() async throws {
        let result = try await Program.run(["--bearer", "! ", "echo:"])
        #expect(result.status == 64 && result.error.contains("expected a command after !"), "\(result)")
    }

    @Test(
        "The end of the program ends the command",
        arguments: [([], 130), (["-m", "200ms"], 75)] as [([String], Int32)]
    )
    func endedCommand(options: [String], status: Int32) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try #require(mkfifo(path, 0o600) == 0)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let command = "!exec 9> \(path); sleep 100000"
        let program = try Program("wsline", options + ["--connect-timeout", "1h", "--bearer", command, "echo:"])
        // Opening waits for the command, and reading for its end.
        let reader = try #require(await ChildProcess.onThread { FileHandle(forReadingAtPath: path) })
        if options.isEmpty { program.signal(SIGINT) }
        #expect(await program.status() == status)
        #expect(await ChildProcess.onThread { try? reader.readToEnd() } ?? Data() == Data())
    }
}
