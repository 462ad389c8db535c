import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Tests of the configuration file in pipes, and with commands other than `connect`.
@Suite(.fewAtATime) struct ConfigurationTests {
    /// Runs the program with a configuration file.
    private func run(_ config: String, _ arguments: [String], input: String = "") async throws -> ProgramResult {
        let folder = try ScriptFolder(["config": config])
        return try await Program.run(
            arguments,
            input: Data(input.utf8),
            environment: ["WSLINE_CONFIG": folder.path("config")]
        )
    }

    @Test(
        "An invalid value is reported in one line with its file, line, column, option and what to write",
        arguments: [
            ("timeout abc", #"1:9: invalid value "abc" for timeout: must be a time"#),
            ("wait soon", #"1:6: invalid value "soon" for wait: must be a time"#),
            ("reconnect 0", #"1:11: invalid value "0" for reconnect: must be a positive integer or inf"#),
            ("color blue", #"1:7: invalid value "blue" for color: must be auto, always or never"#),
            ("scrollback big", #"1:12: invalid value "big" for scrollback: must be a number of bytes"#),
            ("close-code x", #"1:12: invalid value "x" for close-code: must be a number"#),
            ("filter ~(", #"1:8: invalid value "~(" for filter: "#),
            ("fold 1", #"1:6: invalid value "1" for fold: must be off, or at least 80 bytes"#),
            ("ping-timeout 5", "1:14: ping-timeout requires ping-interval"),
            // An option that requires another one is not at fault for a later one.
            ("ping-timeout 5\nping-interval 5\ntimeout abc", #"3:9: invalid value "abc" for timeout: "#),
            ("connect-timeout x", #"1:17: invalid value "x" for connect-timeout: "#),
            ("[p]\nurl echo:\nframing x", #"3:9: invalid value "x" for framing: must be lines, nul, length, whole"#),
            ("[p]\nurl echo:\nevery x", #"3:7: invalid value "x" for every: "#),
            ("[p]\nurl echo:\nno-check", "3:9: no-check has no effect with echo:"),
        ]
    )
    func invalidValues(config: String, error: String) async throws {
        let result = try await run(config, ["-x", "a", "-1", config.hasPrefix("[") ? "@p" : "ws://127.0.0.1:1"])
        #expect(result.status == 64 && result.error.hasPrefix("wsline: /"), "\(result)")
        #expect(result.error.contains("config:" + error) && result.error.split(separator: "\n").count == 1, "\(result)")
    }

    @Test("A configuration file that is no regular file is refused, but not /dev/null", arguments: ["pipe", "folder"])
    func noFile(kind: String) async throws {
        let folder = try ScriptFolder([:])
        let path = folder.path(kind)
        #expect((kind == "pipe" ? mkfifo(path, 0o600) : mkdir(path, 0o700)) == 0)
        let result = try await Program.run(["-x", "a", "-1", "echo:"], environment: ["WSLINE_CONFIG": path])
        #expect(result.status == 66, "\(result)")
        let what = "wsline: the configuration file \"\(path)\" is not a regular file; "
        #expect(result.error == what + "name one, or use --no-config\n")
        let empty = try await Program.run(["-x", "a", "-1", "echo:"], environment: ["WSLINE_CONFIG": "/dev/null"])
        #expect(empty.status == 0 && empty.error == "", "\(empty)")
    }

    @Test("The file does not change what a pipe delivers")
    func pipes() async throws {
        let config = "hide b\nfilter {}\npretty\ntimestamps\nselect $.x\nquiet\n[p]\nurl echo:\nhide c\n"
        for url in ["echo:", "@p"] {
            let result = try await run(config, [url], input: "{\"a\":1}\nb\nc\n")
            #expect(result.status == 0 && result.text == "{\"a\":1}\nb\nc\n", "\(result)")
        }
    }

    @Test("Options of the command line override those of the file that they exclude")
    func excluded() async throws {
        let verbose = try await run("quiet", ["-v", "-x", "a", "-1", "echo:"])
        #expect(verbose.status == 0 && verbose.error.contains("* connected"), "\(verbose)")
        let null = try await run("[p]\nurl echo:\nframing length", ["-0", "@p"], input: "a\0")
        #expect(null.status == 0 && null.text == "a\0", "\(null)")
        let colored = try await run("no-color", ["--color", "always", "--pretty", "-x", "[1]", "-1", "echo:"])
        #expect(colored.status == 0 && colored.text.contains("\u{1B}["), "\(colored)")
    }

    @Test("Options at the top that echo: does not use are ignored, but not those of the command line")
    func echo() async throws {
        let config = "proxy http://127.0.0.1:1\nno-check\nhttp2\nkey k\ncert c\n[p]\nurl echo:\n"
        for url in ["echo:", "@p"] {
            let result = try await run(config, ["-x", "a", "-1", url])
            #expect(result.status == 0 && result.text == "a\n", "\(result)")
            let given = try await run(config, ["-x", "a", "-1", "--no-check", url])
            #expect(given.status == 64 && given.error.contains("--no-check has no effect with echo:"), "\(given)")
        }
    }

    /// Serves one client; returns its request and the result of a run with the profile `p`.
    private func serve(
        _ config: String,
        _ run: @escaping @Sendable (_ environment: [String: String]) async throws -> ProgramResult
    ) async throws -> (request: String, result: ProgramResult) {
        let (requests, request) = AsyncStream.makeStream(of: String.self)
        let result = try await RawServer.run { client in
            request.yield(try await client.upgrade())
            while try await client.readFrame().first != 0x88 { try await client.write(ServerFrame.text("hello")) }
            try await client.write(ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            let folder = try ScriptFolder(["config": "user-agent all\n[p]\nurl ws://127.0.0.1:\(port)/\n" + config])
            return try await run(["WSLINE_CONFIG": folder.path("config")])
        }
        request.finish()
        return (await requests.first { _ in true } ?? "", result)
    }

    @Test("wait and replay connect to a profile with its options of connections, which the command line overrides")
    func otherCommands() async throws {
        let folder = try ScriptFolder([
            "a.jsonl": """
            {"time":"2026-01-01T00:00:00.000000Z","event":"open","url":"ws://h/","status":101,"tls":null}
            {"time":"2026-01-01T00:00:00.000000Z","event":"message","direction":"sent","type":"text","data":"x"}

            """
        ])
        for arguments in [["wait", "--for", "60s"], ["replay", "--count", "1", folder.path("a.jsonl")]] {
            let config = "bearer secret\norigin https://profile\nexecute never\ntimestamps\n"
            let (request, result) = try await serve(config) { environment in
                try await Program.run(arguments + ["-o", "https://line", "@p"], environment: environment)
            }
            #expect(result.status == 0, "\(result)")
            #expect(result.text == (arguments[0] == "replay" ? "hello\n" : ""), "\(result)")
            for field in ["User-Agent: all", "Authorization: Bearer secret", "Origin: https://line"] {
                #expect(request.contains(field + "\r\n"), "\(request)")
            }
            #expect(!request.contains("https://profile"))
        }
    }

    @Test(
        "A profile that cannot be used is an error of each command that takes one",
        arguments: [["wait"], ["replay", "/dev/null"], ["connect"]]
    )
    func faults(arguments: [String]) async throws {
        for (config, status, error) in [
            ("[other]\nurl ws://h\n", 66, #"has no profile "p"; profiles: other"#),
            ("[p]\nurl htp://h\n", 64, "config:2:5: invalid URL"),
            ("[p]\nurl ws://h\nauth :s\n", 64, "config:3:6: invalid value for auth"),
            ("[p]\nurl ws://h\norigin ${NO_SUCH}\n", 66, "config:3:8: unknown variable NO_SUCH"),
        ] as [(String, Int32, String)] {
            let result = try await run(config, arguments + ["@p"])
            #expect(result.status == status && result.error.contains(error), "\(result)")
        }
        let without = try await Program.run(arguments + ["@p"], environment: ["WSLINE_CONFIG": ""])
        #expect(without.status == 66, "\(without)")
        #expect(without.error.contains("no profile @p: there is no configuration file"), "\(without)")
    }
}
