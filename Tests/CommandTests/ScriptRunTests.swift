import Foundation
import NIOCore
import ProcessSupport
import TestSupport
import Testing

/// What the statements of a script do, against our own echo and against peers that do what they should not.
@Suite(.fewAtATime) struct ScriptRunTests {
    /// Runs a script that has SERVER in the place of the URL.
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
        "What an echo sends back is expected",
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

    private static let unmetRows: [(String, String, String)] = [
        ("> a\n< b", ":3: < b", "- b\n    + a"), ("> a\n< a\n< a", ":4: < a", "no message came within 200 ms"),
        ("> a\n<hex 61", ":3: <hex 61", "expected a binary message, received text"),
        (">hex 61\n< a", ":3: < a", "expected a text message, received a binary one"),
        (">hex 6100\n<hex 6101", ":3: <hex 6101", "they differ from byte 2 on"),
        ("> {\"a\":{\"b\":7}}\n<json {\"a\":{\"b\":\"7\"}}", ":3:", "$.a.b: expected \"7\", received 7"),
        ("> a\n<json {}", ":3:", "not JSON at byte 1"), ("> ab\n<~ ^b", ":3: <~ ^b", "- ~^b\n    + ab"),
        ("> a\n> b\n<? ~c", ":4: <? ~c", "none arrived within 200 ms; received 2 others"),
        ("> a\n<! 30s", ":3: <! 30s", "+ a"),
        ("close\n<! 30s", ":3: <! 30s", "expected nothing for 30 s, but the connection was closed: 1000"),
        ("<ping", ":2: <ping", "no ping came within 200 ms"), ("pong", ":2: pong", "expected a ping before this"),
        ("ping\npong\npong", ":4: pong", "expected a ping before this"),
        ("<close", ":2: <close", "was not closed within 200 ms"),
        ("> a\n<close", ":3: <close", "a message came"),
        ("close 4000\n<close 4001", ":3:", "- 4001 private use\n    + 4000"),
        ("close\n> a", ":3: > a", "the script has closed the connection"),
        ("close\n< a", ":3: < a", "the connection was closed: 1000"),
        ("max-message-size 1\n> ab\n< ab", ":4: < ab", "1009"),
        ("@b connect echo:\n@b > b\n@b < a\n", ":4: @b < a", "before it:\n      @b > b"),
    ]

    @Test(
        "What is not met fails at its line, with what was expected and what came",
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
    func broadcast() async throws {
        let server = try Program("wsline", ["serve", "--broadcast", "0"])
        defer { server.signal(SIGKILL) }
        let said = await server.readErrorLine()
        let url = try #require(said.firstMatch(of: /ws:\/\/[^ ]+/)).output
        let script = "@alice connect \(url)\n@bob connect \(url)\n@bob ping / pong\n@alice > hi\n@bob < hi\n"
        let result = try await Program.run(["test", "--repeat", "20", "-"], input: Data(script.utf8))
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
        "How a server ends a connection can be expected, whatever it sends before",
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
        ([], "< a", "expected a message, but "), ([], "<ping", "no ping came: "),
        ([], "<! 30s", "expected nothing for 30 s, but "),
        ([], "<? a", "expected a matching message, but "),
        ([ServerFrame.close(1011, "no tea")], "< a", "1011 internal error: \"no tea\""),
        ([ServerFrame.text("b"), ServerFrame.close(1000)], "<? a", "1000 normal closure; received 1 other"),
        ([ServerFrame.frame(0x83, [])], "< a", "opcode"), ([ServerFrame.frame(0x83, [])], "<close 1002", "opcode"),
        ([ServerFrame.frame(0x81, [0xFF])], "< a", "UTF-8"), ([ServerFrame.close(4001)], "<close 1005", "- 1005"),
        ([ServerFrame.text("a"), ServerFrame.close(4001)], "<close 4001", "but a message came"),
    ]

    @Test(
        "A connection that ends in the middle fails the statement that waits, with how it ended",
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

    @Test("A server that is gone, refuses, or answers too late fails the test at its connect")
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
        #expect(late.text.contains("within 0.2 s"), "\(late)")
    }

    @Test("Only the pong of the last ping is its pong, and in its time")
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
        #expect(result.text.contains("no pong came within 100 ms"), "\(result)")
    }

    @Test("After a Close of our own, what still comes is passed over; a server that never answers it is told")
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
        #expect(result.text.contains("the connection was not closed within 200 ms"), "\(result)")
    }

    @Test("A flood of messages is passed over, and one that nobody reads ends with the test")
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

    @Test("A message of 16 MiB, from a file with a space in its name, beside a script in another folder")
    func large() async throws {
        let folder = try ScriptFolder([
            "a b/large.ws": "connect echo:\n>file c d.txt\n<file c d.txt\n>binary c d.txt\n<binary c d.txt\n"
        ])
        try folder.write("a b/c d.txt", Data(repeating: UInt8(ascii: "x"), count: 16 << 20))
        let result = try await Program.run(["test", "--timeout", "60s", folder.path("a b/large.ws")])
        #expect(result.status == 0, "\(result)")
    }

    @Test("A long message that differs is shown round the place where it does")
    func longDifference() async throws {
        let text = String(repeating: "0123456789", count: 100)
        let result = try await run("> \(text)A\(text)\n< \(text)B\(text)")
        #expect(result.text.contains("they differ from character 1001 on"), "\(result)")
        #expect(result.text.contains("789A0123") && result.text.contains("789B0123"), "\(result)")
        #expect(result.text.utf8.count < 4000, "\(result)")
    }

    @Test(
        "A value of a variable arrives as it is",
        arguments: ["a \"b\" 'c'", "$${x} $ ${x}", "one\ntwo", " ", "  # no comment", "(.*)\\", "ä👩‍🚀", ""]
    )
    func values(value: String) async throws {
        let result = try await run("> ${V}\n< ${V}\n> ${V}\n<~ ^${V}$\n> ${V}!\n<? ~^${V}!$", ["--set", "V=\(value)"])
        #expect(result.status == 0, "\(result)")
    }

    @Test("A value that would break the request is refused before anything is sent")
    func headerInjection() async throws {
        let result = try await run("header X-A: ${V}", ["--set", "V=a\r\nX-B: c"])
        #expect(result.status == 65, "\(result)")
        #expect(result.error.contains("-:2:8: "), "\(result)")
    }

    @Test("A regular expression that backtracks without end fails its step, and the other tests run")
    func backtracking() async throws {
        let text = String(repeating: "a", count: 40) + "!"
        let script = "> \(text)\ntimeout 100ms\n<~ (?=a)^(a+)+$\n== next\nconnect echo:\n> a\n<~ a\n"
        let result = try await run(script)
        #expect(result.status == 1, "\(result)")
        #expect(
            result.text.contains(":4: <~ (?=a)^(a+)+$\n    the regular expression took longer than 1 s"),
            "\(result)"
        )
        #expect(result.text.contains("ok      -: next"), "\(result)")
    }

    @Test("A script file that is too large is refused unread")
    func largeScript() async throws {
        let folder = try ScriptFolder([:])
        try folder.write("large.ws", Data(count: 17 << 20))
        let result = try await Program.run(["test", folder.path("large.ws")])
        #expect(result.status == 66, "\(result)")
        #expect(result.error.contains("too large for a script: more than 16 MiB"), "\(result)")
    }
}
