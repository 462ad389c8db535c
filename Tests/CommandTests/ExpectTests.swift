import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Tests of `--expect` and of time limits.
@Suite(.fewAtATime) struct ExpectTests {
    @Test(
        "A pattern matches the same text, a regular expression match, or JSON that contains it",
        arguments: [
            ("pong", "pong"), ("", ""), ("~^p.ng$", "pong"), ("~\\d{3}", "in 1234 out"), ("~", "anything"),
            (#"{"a":1}"#, #"{"b":[],"a":1.0}"#), (#"{"a":10}"#, #"{"a":1e1}"#), (#"{"a":*}"#, #"{"a":null}"#),
            (#"{"a":{"b":[1,*,"x"]}}"#, #"{"a":{"c":2,"b":[1,{"any":"thing"},"x"]}}"#), ("{}", #"{"a":1}"#),
            (#"{"a":"\u00e4\ud83d\ude00\n"}"#, #"{"a":"ä😀\n"}"#), (#"{"a":-0.0}"#, #"{"a":0}"#),
            (#"{"a":12345678901234567890.5}"#, #"{"a":1.23456789012345678905e19}"#),
        ]
    )
    func met(pattern: String, message: String) async throws {
        let result = try await Program.run(["--expect", pattern, "-x", "before", "-x", message, "echo:"])
        #expect(result.status == 0, "\(result)")
        #expect(result.text == "before\n\(message)\n", "\(result)")
        #expect(result.error == "", "\(result)")
    }

    @Test(
        "An unmet pattern is reported with the last message, and the exit status is 1",
        arguments: [
            ("pong", "pong "), ("pong", "Pong"), ("~^\\d+$", "12a"), (#"{"a":1}"#, #"{"a":2}"#),
            (#"{"a":1}"#, #"{"a":"1"}"#), (#"{"a":[1]}"#, #"{"a":[1,2]}"#), (#"{"a":null}"#, "{}"),
            (#"{"a":9007199254740993}"#, #"{"a":9007199254740992}"#), (#"{"a":1}"#, #"{"a":1,}"#),
        ]
    )
    func unmet(pattern: String, message: String) async throws {
        let result = try await Program.run(["--expect", pattern, "--timeout", "0.3", "-x", message, "echo:"])
        #expect(result.status == 1, "\(result)")
        #expect(
            result.error.hasPrefix("wsline: no message matched \"\(pattern)\" within 0.3 s (--timeout); "),
            "\(result)"
        )
        #expect(result.error.hasSuffix(" \"\(message)\"\n"), "\(result)")
    }

    @Test("A message with control characters is distinguished from one that shows their escapes")
    func escapes() async throws {
        let tab = try await Program.run(["--expect", #"a\tb"#, "-w", "0.1", "-x", "a\tb", "echo:"])
        #expect(tab.error.contains(#"matched "a\tb" within 0.1 s (--wait); "#), "\(tab)")
        #expect(tab.error.hasSuffix("\"a\\tb\" (escaped)\n"), "\(tab)")
    }

    @Test(
        "Several patterns are met in order, each by its own message",
        arguments: [
            (["a", "b"], ["a", "x", "b"], 0), (["b", "a"], ["a", "b"], 1), (["a", "a"], ["a"], 1),
            (["~a", "~a"], ["a", "a"], 0),
        ] as [([String], [String], Int32)]
    )
    func order(patterns: [String], messages: [String], status: Int32) async throws {
        let arguments = patterns.flatMap { ["--expect", $0] } + messages.flatMap { ["-x", $0] }
        let result = try await Program.run(arguments + ["--timeout", "0.5", "echo:"])
        #expect(result.status == status, "\(result)")
    }

    @Test(
        "The report of an unmet pattern names the limit that ended the wait",
        arguments: [
            (["--count", "2"], "within the limit of 2 messages"), (["-1"], "within the limit of 1 message"),
            (["-w", "0.2"], "within 0.2 s (--wait)"), (["--timeout", "0.2"], "within 0.2 s (--timeout)"),
        ]
    )
    func limit(arguments: [String], words: String) async throws {
        let result = try await Program.run(arguments + ["--expect", "c", "-x", "a", "-x", "b", "echo:"])
        #expect(result.status == 1, "\(result)")
        #expect(result.error.hasPrefix("wsline: no message matched \"c\" \(words); "), "\(result)")
    }

    @Test("The report of an unmet pattern includes the reason why the server closed")
    func closed() async throws {
        let result = try await RawServer.run { client in
            _ = try await client.upgrade(then: ServerFrame.close(1011, "out of tea"))
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["--expect", "pong", "127.0.0.1:\(port)"])
        }
        #expect(result.status == 1, "\(result)")
        #expect(result.error.contains("; the server closed the connection: 1011"), "\(result)")
    }

    @Test(
        "An invalid pattern is an invalid command line",
        arguments: [("~(", "expected \")\""), (#"{"a":}"#, "at byte 6: expected a value"), ("{", "byte 2")]
    )
    func invalid(pattern: String, words: String) async throws {
        let result = try await Program.run(["--expect", pattern, "echo:"])
        #expect(result.status == 64, "\(result)")
        #expect(result.error.contains(words), "\(result)")
    }

    @Test(
        "Exceeding a time limit is reported by name, and the exit status is 75",
        arguments: [
            (["--timeout", "0.3", "--receive-only"], "0.3 s (--timeout)"),
            (["--max-time", "0.3", "--receive-only"], "0.3 s (--max-time)"),
            (["--timeout", "700ms", "--receive-only"], "0.7 s (--timeout)"),
            (["-m", "0.3", "-w", "inf", "-x", "a"], "0.3 s (--max-time)"),
        ]
    )
    func limits(arguments: [String], words: String) async throws {
        let result = try await Program.run(arguments + ["echo:"])
        #expect(result.status == 75, "\(result)")
        #expect(result.error.hasSuffix(" \(words)\n"), "\(result)")
    }

    @Test(
        "A regular expression with catastrophic backtracking delays neither time limits nor signals",
        arguments: ["~^(a+)+$", #"~^(?=a)(a+)+$"#, #"~^(a+)+\1$"#],
        [(["-m", "1"], nil, 75), (["--timeout", "1"], nil, 1), ([], SIGINT, 130), ([], SIGTERM, 143)]
            as [([String], Int32?, Int32)]
    )
    func backtracking(pattern: String, end: (arguments: [String], signal: Int32?, status: Int32)) async throws {
        let (result, message) = try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.text(String(repeating: "a", count: 40) + "!"))
            try await client.write(ServerFrame.frame(0x88, try await client.readToClose()))
        } _: { port in
            let program = try Program(
                "wsline",
                ["--receive-only", "--expect", pattern] + end.arguments + ["127.0.0.1:\(port)"]
            )
            let message = await program.readOutput()
            if let signal = end.signal { program.signal(signal) }
            return (await program.result(), message)
        }
        #expect(message.count == 42, "\(result)")
        #expect(result.status == end.status, "\(result)")
        if end.status == 1 { #expect(result.error.contains("no message matched"), "\(result)") }
    }

    @Test("--timeout holds while messages arrive faster than they can be compared")
    func backtrackingFlood() async throws {
        let messages = (0..<1000).flatMap { _ in ServerFrame.text(String(repeating: "a", count: 40) + "!") }
        let result = try await RawServer.run { client in
            try await client.upgrade()
            while true { try await client.write(messages) }
        } _: { port in
            let arguments = ["--timeout", "0.5", "--expect", "~(?=a)^(a+)+$", "--receive-only", "127.0.0.1:\(port)"]
            return try await Program.run(arguments)
        }
        #expect(result.status == 1, "\(result.error)")
        #expect(result.error.contains("within 0.5 s (--timeout)"), "\(result.error)")
    }

    @Test("--max-time holds while the server does not answer the opening handshake")
    func limitWhileConnecting() async throws {
        let result = try await RawServer.run { client in
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["-m", "0.3", "127.0.0.1:\(port)"])
        }
        #expect(result.status == 75, "\(result)")
        #expect(result.error.hasSuffix(" 0.3 s (--max-time)\n"), "\(result)")
    }
}
