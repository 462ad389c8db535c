import Foundation
import NIOCore
import ProcessSupport
import Synchronization
import TestSupport
import Testing

/// Tests of script statements, against the built-in echo server and against misbehaving peers.
@Suite(.fewAtATime) struct ScriptRunTests {
    /// Runs a script in which SERVER is replaced by the URL.
    private func run(
        _ script: String,
        _ arguments: [String] = [],
        against server: @escaping @Sendable (RawClient) async throws -> Void
    ) async throws -> ProgramResult {
        try await RawServer.run(server) { port in
            let text = script.replacing("SERVER", with: "ws://127.0.0.1:\(port)/")
            return try await Program.run(["test", "-"] + arguments, input: Data(text.utf8))
        }
    }

    private func run(_ lines: String, _ arguments: [String] = []) async throws -> ProgramResult {
        try await Program.run(["test", "-"] + arguments, input: Data("connect echo:\n\(lines)\n".utf8))
    }

    @Test(
        "A statement that the echo server satisfies passes",
        arguments: [
            "", "> a\n< a", "> a\n> b\n<? b", ">string \" a\\n\"\n<string \" a\\n\"", ">hex 00FF\n<hex 00 ff",
            ">hex\n<hex",
            "> {\"a\":[1.0,{\"b\":null}],\"c\":2}\n<json {\"a\":[1,{}]}", "> [1]\n<json *",
            "> a1\n<~ (?<n>\\d)\n> ${n}\n< 1",
            "> ac\n<~ a(?<b>b)?c\n> x${b}\n< x", "> one\n> two\n> {\"a\":1}\n<? ~^t\n<? {\"a\":1}",
            "<! 50ms\n> a\n< a\n<! 50ms",
            "ping\npong", "ping a\nping b\npong", "ping / pong 30s\nping / pong", "ping a\n> b\n< b\npong",
            "close\n<close 1000", "close 4000 bye\n<close 4000", "> a\nclose\n<close", "wait 10ms\n> a\nwait 0\n< a",
            "timeout 30\n> a\n< a", "> nobody asks for this", "fragment 1\nno-compress\n> abc\n< abc",
            "@b connect echo:\n@b > b\n> a\n@b < b\n< a\n@b close\n@b <close\n> c\n< c",
            "@b connect echo:\n@b wait 10ms",
        ]
    )
    func met(lines: String) async throws {
        let result = try await run(lines)
        #expect(result.status == 0, "\(result)")
        #expect(result.error == "", "\(result)")
    }

    @Test(
        "A message that is not sent because the peer has closed is a failure unless the next statement expects the Close",
        arguments: [
            ("> a\n<close 4000", 0, ""), ("ping\n<close", 0, ""), ("> a\n<close 4001", 1, "<close 4001"),
            ("> a", 1, "> a"), ("> a\n> b\n<close 4000", 1, "> a"), ("> a\n< b", 1, "> a"),
            ("> a\nconnect echo:\n< b", 1, "> a"),
        ] as [(String, Int32, String)]
    )
    func sendingAfterClose(lines: String, status: Int32, failed: String) async throws {
        // The Close arrives with the response, before anything can be sent.
        let result = try await run("connect SERVER\n\(lines)\n") { client in
            try await client.upgrade(then: ServerFrame.close(4000))
            await client.waitForEnd()
        }
        #expect(result.status == status, "\(result)")
        #expect(failed.isEmpty || result.text.contains(": \(failed)\n"), "\(result)")
    }

    private static let unmetRows: [(String, String, String)] = [
        ("> a\n< b", ":3: < b", "- b\n    + a"), ("> a\n< a\n< a", ":4: < a", "within 200 ms"),
        ("> a\n<hex 61", ":3: <hex 61", "binary message"),
        (">hex 61\n< a", ":3: < a", "text message"),
        (">hex 6100\n<hex 6101", ":3: <hex 6101", "byte 2; "),
        ("> {\"a\":{\"b\":7}}\n<json {\"a\":{\"b\":\"7\"}}", ":3:", "$.a.b: expected \"7\", received 7"),
        ("> a\n<json {}", ":3:", "JSON at byte 1"), ("> ab\n<~ ^b", ":3: <~ ^b", "- ~^b\n    + ab"),
        ("> a\n> b\n<? ~c", ":4: <? ~c", "within 200 ms; received 2 others"),
        ("> a\n<! 30s", ":3: <! 30s", "+ a"),
        ("close\n<! 30s", ":3: <! 30s", "expected no message for 30 s, but the connection is closed: 1000"),
        ("<ping", ":2: <ping", "no ping within 200 ms"), ("pong", ":2: pong", "expected a ping"),
        ("ping\npong\npong", ":4: pong", "expected a ping"),
        ("<close", ":2: <close", "did not close within 200 ms"),
        ("> a\n<close", ":3: <close", "+ a"),
        ("close 4000\n<close 4001", ":3:", "- 4001 private use\n    + 4000"),
        ("close\n> a", ":3: > a", "the script has closed the connection"),
        ("close\n< a", ":3: < a", "the connection is closed: 1000"),
        ("max-message-size 1\n> ab\n< ab", ":4: < ab", "1009"),
        ("@b connect echo:\n@b > b\n@b < a\n", ":4: @b < a", "before:\n      @b > b"),
    ]

    @Test(
        "A failed statement is reported with its line, and with the expected and received values",
        arguments: unmetRows
    )
    func unmet(lines: String, place: String, words: String) async throws {
        let result = try await run(lines, ["--timeout", "200ms"])
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains("\n  -\(place)"), "\(result)")
        #expect(result.text.contains(words), "\(result)")
        #expect(result.text.contains("\n0 passed, 1 failed ("), "\(result)")
        #expect(result.error == "", "\(result)")
    }

    @Test("A connection is open before the first message of another that is written below it")
    func order() async throws {
        let hasBob = Mutex(false)
        let result = try await RawServer.run { alice in
            try await alice.upgrade()
            _ = try await alice.readFrame()
            try await alice.write(ServerFrame.text("\(hasBob.withLock { $0 })"))
            await alice.waitForEnd()
        } _: { alice in
            try await RawServer.run { bob in
                // Before the response, after which the script goes on.
                hasBob.withLock { $0 = true }
                try await bob.upgrade()
                await bob.waitForEnd()
            } _: { bob in
                let text = """
                    @alice connect ws://127.0.0.1:\(alice)/
                    @bob connect ws://127.0.0.1:\(bob)/
                    @alice > hi
                    @alice < true
                    """
                return try await Program.run(["test", "-"], input: Data(text.utf8))
            }
        }
        #expect(result.status == 0, "\(result)")
    }

    @Test("A server that accepts none of the offered subprotocols fails the option")
    func subprotocol() async throws {
        let result = try await run("connect SERVER\nsubprotocol a\nsubprotocol b\n") { client in
            _ = try await client.upgrade()
            await client.waitForEnd()
        }
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains("-:2: subprotocol a"), "\(result)")
    }

    private static let endingRows: [([[UInt8]], String)] = [
        ([ServerFrame.close(1000)], "<close 1000"), ([ServerFrame.close(4001, "bye bye")], "<close 4001 bye bye"),
        ([ServerFrame.close(4001, "bye")], "<close 4001"), ([ServerFrame.close(4001, "bye")], "<close"),
        ([ServerFrame.close(nil)], "<close 1005"), ([], "<close 1006"), ([ServerFrame.text("a")], "< a\n<close 1006"),
        ([ServerFrame.text("a"), ServerFrame.close(1001)], "<? a\n<close 1001"),
        ([ServerFrame.ping("a"), ServerFrame.close(1001)], "<ping a\n<close 1001"),
        ([ServerFrame.ping("a"), ServerFrame.ping("b"), ServerFrame.close(1001)], "<close 1001\n<ping\n<ping b"),
        ([ServerFrame.pong("unasked"), ServerFrame.close(1001)], "<close 1001"),
    ]

    @Test(
        "A script can expect how a server ends the connection, whatever it sent before",
        arguments: endingRows
    )
    func endings(frames: [[UInt8]], lines: String) async throws {
        let result = try await run("connect SERVER\n\(lines)\n") { client in
            _ = try await client.upgrade(then: Array(frames.joined()))
            try await client.endOutput()
            await client.waitForEnd()
        }
        #expect(result.status == 0, "\(result)")
    }

    private static let cutShortRows: [([[UInt8]], String, String)] = [
        ([], "< a", "expected a message, but "), ([], "<ping", "no ping: "),
        ([], "<! 30s", "for 30 s, but "),
        ([], "<? a", "expected a matching message, but "),
        ([ServerFrame.close(1011, "no tea")], "< a", "1011 internal error: \"no tea\""),
        ([ServerFrame.text("b"), ServerFrame.close(1000)], "<? a", "1000 normal closure; received 1 other"),
        ([ServerFrame.frame(0x83, [])], "< a", "opcode"), ([ServerFrame.frame(0x83, [])], "<close 1002", "opcode"),
        ([ServerFrame.frame(0x81, [0xFF])], "< a", "UTF-8"), ([ServerFrame.close(4001)], "<close 1005", "- 1005"),
        ([ServerFrame.text("a"), ServerFrame.close(4001)], "<close 4001", "+ a"),
    ]

    @Test(
        "A connection that ends early fails the waiting statement, and the report says how it ended",
        arguments: cutShortRows
    )
    func cutShort(frames: [[UInt8]], lines: String, words: String) async throws {
        let result = try await run("connect SERVER\n\(lines)\n") { client in
            _ = try await client.upgrade(then: Array(frames.joined()))
            try await client.endOutput()
            await client.waitForEnd()
        }
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains(words), "\(result)")
    }

    @Test("A test fails at its connect if the server is gone, refuses or answers too late")
    func notConnected() async throws {
        let gone = try await RawServer.run { _ in
        } _: {
            $0
        }
        let refused = try await run("connect ws://127.0.0.1:\(gone)/\n> a\n") { _ in }
        #expect(refused.status == 1, "\(refused)")
        #expect(refused.text.contains("\n  -:1: connect ws://127.0.0.1"), "\(refused)")
        let forbidden = try await run("connect SERVER\n") { client in
            _ = try await client.readRequest()
            try await client.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nno way\n")
            await client.waitForEnd()
        }
        #expect(forbidden.status == 1, "\(forbidden)")
        #expect(forbidden.text.contains("403") && forbidden.text.contains("no way"), "\(forbidden)")
        let late = try await run("connect SERVER\ntimeout 200ms\n> a\n") { await $0.waitForEnd() }
        #expect(late.status == 1, "\(late)")
        #expect(late.text.contains("after 0.2 s"), "\(late)")
    }

    @Test("pong expects the pong of the last ping, within its time limit")
    func pongs() async throws {
        let result = try await run(
            "== good\nconnect SERVER\nping a\npong\n== late\nconnect SERVER\nping b\npong 100ms\n"
        ) { client in
            _ = try await client.upgrade()
            let ping = try await client.readFrame()
            let isGood = ping.payload == Array("a".utf8)
            try await client.write(ServerFrame.pong("other") + (isGood ? ServerFrame.pong("a") : []))
            await client.waitForEnd()
        }
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains("ok      -: good"), "\(result)")
        #expect(result.text.contains("no pong within 100 ms"), "\(result)")
    }

    @Test("Messages after our own Close are skipped, and a missing answer to it is reported")
    func closing() async throws {
        let result = try await run(
            "== answered\nconnect SERVER\nclose 4000 bye\n<close 4000\n== not\nconnect SERVER\nclose\ntimeout 200ms\n<close\n"
        ) {
            client in
            _ = try await client.upgrade()
            let close = try await client.readToClose()
            let isAnswered = close.starts(with: [0x0F, 0xA0])
            try await client.write(ServerFrame.text("late") + (isAnswered ? ServerFrame.close(4000) : []))
            await client.waitForEnd()
        }
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains("ok      -: answered"), "\(result)")
        #expect(result.text.contains("did not close within 200 ms"), "\(result)")
    }

    @Test("A flood of messages can be skipped, and one that nobody reads ends with the test")
    func flood() async throws {
        let result = try await run(
            "== read\nconnect SERVER\n> read\n<? last\n== unread\nconnect SERVER\n> unread\n< flood\n",
            ["--timeout", "60s"]
        ) {
            client in
            _ = try await client.upgrade()
            let isRead = try await client.readFrame().payload.count == 4
            let flood = (0..<1000).flatMap { _ in ServerFrame.text("flood") }
            for _ in 0..<20 { try await client.write(flood) }
            if isRead { try await client.write(ServerFrame.text("last")) }
            while !isRead { try await client.write(flood) }
            await client.waitForEnd()
        }
        #expect(result.status == 0, "\(result)")
    }

    @Test("A message of 16 MiB is read from a file with spaces in its path, relative to the script")
    func large() async throws {
        let folder = try ScriptFolder([
            "a b/large.ws": "connect echo:\n>file c d.txt\n<file c d.txt\n>binary c d.txt\n<binary c d.txt\n"
        ])
        try folder.write("a b/c d.txt", Data(repeating: UInt8(ascii: "x"), count: 16 << 20))
        let result = try await Program.run(["test", "--timeout", "60s", folder.path("a b/large.ws")])
        #expect(result.status == 0, "\(result)")
    }

    @Test("A long message is reported with an excerpt around the first difference")
    func longDifference() async throws {
        let text = String(repeating: "0123456789", count: 100)
        let result = try await run("> \(text)A\(text)\n< \(text)B\(text)")
        #expect(result.text.contains("character 1001"), "\(result)")
        #expect(result.text.contains("789A0123") && result.text.contains("789B0123"), "\(result)")
        #expect(result.text.utf8.count < 4000, "\(result)")
    }

    @Test(
        "A variable's value is sent and matched literally",
        arguments: ["a \"b\" 'c'", "$${x} $ ${x}", "one\ntwo", " ", "  # no comment", "(.*)\\", "ä👩‍🚀", ""]
    )
    func values(value: String) async throws {
        let result = try await run("> ${V}\n< ${V}\n> ${V}\n<~ ^${V}$\n> ${V}!\n<? ~^${V}!$", ["--set", "V=\(value)"])
        #expect(result.status == 0, "\(result)")
    }

    @Test("A value that would inject a header is rejected before anything is sent")
    func headerInjection() async throws {
        let result = try await run("header X-A: ${V}", ["--set", "V=a\r\nX-B: c"])
        #expect(result.status == 65, "\(result)")
        #expect(result.error.contains("-:2:8: "), "\(result)")
    }

    @Test("A regular expression with catastrophic backtracking fails its step, and the other tests run")
    func backtracking() async throws {
        let text = String(repeating: "a", count: 40) + "!"
        let script = "> \(text)\ntimeout 100ms\n<~ (?=a)^(a+)+$\n== next\nconnect echo:\n> a\n<~ a\n"
        let result = try await run(script)
        #expect(result.status == 1, "\(result)")
        #expect(
            result.text.contains(":4: <~ (?=a)^(a+)+$\n    the regular expression timed out after 1 s"),
            "\(result)"
        )
        #expect(result.text.contains("ok      -: next"), "\(result)")
    }

    @Test("A script file that is too large is rejected without reading it")
    func largeScript() async throws {
        let folder = try ScriptFolder([:])
        try folder.write("large.ws", Data(count: 17 << 20))
        let result = try await Program.run(["test", folder.path("large.ws")])
        #expect(result.status == 66, "\(result)")
        #expect(result.error.contains("too large for a script"), "\(result)")
    }
}
