import Foundation
import ProcessSupport
import TestSupport
import Testing

/// `wsline wait`, and `--wait-for` of `wsline test`.
@Suite(.fewAtATime) struct WaitTests {
    /// Starts a server that refuses the first attempts with a status, then accepts.
    private func serve(
        refusing count: Int,
        status: String = "503 Service Unavailable",
        _ body: @escaping @Sendable (Int) async throws -> ProgramResult
    ) async throws -> ProgramResult {
        let attempts = Attempts()
        return try await RawServer.run { client in
            guard await attempts.next() > count else {
                _ = try await client.readRequest()
                try await client.write("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
                return
            }
            try await client.upgrade()
            _ = try await client.readToClose()
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            try await body(port)
        }
    }

    @Test("It returns once the server accepts, and prints nothing")
    func accepts() async throws {
        let result = try await serve(refusing: 2) { port in
            try await Program.run(["wait", "--for", "60s", "127.0.0.1:\(port)"])
        }
        #expect(result.status == 0, "\(result)")
        #expect(result.text + result.error == "", "\(result)")
    }

    @Test("It gives up in time with the last reason")
    func timeout() async throws {
        let start = ContinuousClock.now
        let refused = try await serve(refusing: 1000) { port in
            try await Program.run(["wait", "--for", "2s", "127.0.0.1:\(port)"])
        }
        #expect(refused.status == 75, "\(refused)")
        #expect(refused.error.contains("503 Service Unavailable"), "\(refused)")
        #expect(refused.error.contains("2 s (--for)"), "\(refused)")
        let silent = try await RawServer.run { client in
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["wait", "--for", "300ms", "127.0.0.1:\(port)"])
        }
        #expect(silent.status == 75, "\(silent)")
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test("A server that requires credentials is ready if none are given", arguments: ["401 No", "403 No"])
    func credentials(status: String) async throws {
        func wait(_ options: [String]) async throws -> Int32 {
            try await serve(refusing: 1000, status: status) { port in
                try await Program.run(["wait", "--for", "300ms"] + options + ["127.0.0.1:\(port)"])
            }.status
        }
        #expect(try await wait([]) == 0)
        let all = [["--bearer", "a"], ["--auth", "a:b"], ["--cookie", "a=b"], ["-H", "Authorization: token a"]]
        for options in all {
            #expect(try await wait(options) == 75, "\(options)")
        }
    }

    @Test("What no time can change ends it at once, and echo: is always ready")
    func atOnce() async throws {
        let result = try await Program.run(["wait", "--for", "600s", "--ca", "/no/such/file", "wss://127.0.0.1:1"])
        #expect(result.status == 66, "\(result)")
        #expect(try await Program.run(["wait", "echo:"]).status == 0)
        #expect(try await Program.run(["wait", "--for", "soon", "127.0.0.1:1"]).status == 64)
    }

    @Test("Tests begin when the server is ready; one that wants credentials is", arguments: ["503 Starting", "401 No"])
    func tests(status: String) async throws {
        let result = try await serve(refusing: 1, status: status) { port in
            let script = "connect ws://127.0.0.1:\(port)/\n"
            let arguments = ["test", "--wait-for", "127.0.0.1:\(port)", "--for", "60s", "-"]
            return try await Program.run(arguments, input: Data(script.utf8))
        }
        #expect(result.status == 0, "\(result)")
    }

    @Test("A server that is never ready ends the run, in each report")
    func testsNotReady() async throws {
        let folder = try ScriptFolder(["a.ws": "connect echo:\n"])
        let arguments = ["--wait-for", "127.0.0.1:1", "--for", "100ms", "--junit", folder.path("out.xml"), "--json"]
        let result = try await Program.run(["test"] + arguments + [folder.path("a.ws")])
        #expect(result.status == 75, "\(result)")
        #expect(result.text.hasPrefix("{\"event\":\"error\",\"message\":\"ws://127.0.0.1:1/ is not ready"), "\(result)")
        #expect(try folder.read("out.xml").contains("errors=\"1\""))
    }
}

/// Counts attempts.
private actor Attempts {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
