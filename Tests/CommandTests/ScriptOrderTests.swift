import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Steps about the opening handshake, messages in any order, and rules for messages.
@Suite(.fewAtATime) struct ScriptOrderTests {
    private func run(_ lines: String, _ arguments: [String] = []) async throws -> ProgramResult {
        try await Program.run(["test", "-"] + arguments, input: Data("connect echo:\n\(lines)\n".utf8))
    }

    @Test(
        "Messages are expected in any order, answered and ignored",
        arguments: [
            "> b\n> a\n<+ a\n< b", "> {\"a\":1}\n> x\n> y\n<+ ~y\n<+ {\"a\":1}\n< x", "> a\n>hex 00\n<* ×2", "> a\n<*",
            "<- bad\n> a\n< a", "> a\n> b\n<* x2\n<- c", "on 2 > 3\n> 2\n< 3", "on 2 >hex 03\n> 2\n<hex 03",
            "on <json {\"a\":\" > \"} > 3\n> {\"a\":\" > \"}\n< 3", "> {\"a\":1}\n<+ <json {\"a\":1}",
            "on ~^ping (?<n>\\d+)$ > pong ${n}\n> ping 7\n< pong 7", "on {\"a\":[1]} > b > c\n> {\"a\":[1]}\n< b > c",
            "ignore {\"type\":\"ka\"}\n> {\"type\":\"ka\"}\n> x\n< x", "> ka\n> x\n<+ x\nignore ka\n<! 50ms",
            "> ka\n> x\n> y\n<+ y\non ka > z\n< x\n< z", "ignore a\n> a\n> b\n< b\noff a\n> a\n< a",
            "on a > b\nignore b\noff\n> a\n> b\n< a\n< b", "every 20ms > tick\n< tick\n< tick\noff\n<- tock",
            "every 20ms > tick ${counter()}\n< tick 1\n< tick 2",
            "> {\"a\":1}\n<json {\"a\":1}\n<header Upgrade ~web\ncheck $.a == 1",
            "<- a\nignore a\n> a\n> b\n< b",
            "on <hex c0 ?? >hex d000\nignore <~b ^x\n>hex c001\n>bytes \"xy\"\n<hex d000\n<! 50ms", "> <b>\n<? <b>",
            ">hex 0102\n> a\n<+ <string \"a\"\n<? <hex 01 ..\n<- <hex 03",
            "on <string \"a > b\" > c\n> a > b\n< c\noff <string \"a > b\"\n> a > b\n< a > b",
            "no-compress\n<uncompressed\n> a\n< a",
        ]
    )
    func met(lines: String) async throws {
        let result = try await run(lines)
        #expect(result.status == 0, "\(result)")
    }

    private static let unmetRows: [(String, String, String)] = [
        ("> a\n<+ b", ":3: <+ b", "none arrived within 200 ms; received 1 other"),
        (
            "> {\"a\":1,\"b\":2}\n> {\"c\":3}\n> x\n<? {\"a\":1,\"b\":3}", ":5:",
            "the closest message:\n    $.b: expected 3, received 2"
        ),
        ("> hello\n> x\n<+ help", ":4:", "the closest message:\n    + hello"),
        ("close\n<+ b", ":3: <+ b", "but the connection is closed: 1000"),
        ("> a\n<* ×2", ":3: <* ×2", "expected 2 messages, received 1 within 200 ms"),
        (
            "> {\"id\":1,\"x\":2}\n> zzz\n<? ~^\\{\"id\":\\d+,\"y\"", ":4:",
            "the closest message, which matches ~^\\{\"id\":\\d+,\":\n    + {\"id\":1,\"x\":2}"
        ),
        ("> one\n> two\n<? ~^three$", ":4:", "before:\n      > one\n      > two\n      < one\n      < two"),
        ("> 1 hello\n> x\n<+ 2 hello", ":4:", "the closest message:\n    + 1 hello"),
        ("close\n<* x3", ":3: <* x3", "expected 3 messages, received none: the connection is closed: 1000"),
        ("<- a\n> a\n<! 150ms", ":2: <- a", "+ a"),
        ("<- <json {\"a\":1}\n> {\"a\":1}\n<! 150ms", ":2: <- <json", "must not arrive"),
        ("> a\n< a\n<- ~a", ":4: <- ~a", "must not arrive"), ("<- b\n> a\n> b\n< a\n< b", ":2: <- b", "- no b"),
        ("off x", ":2: off x", "there is no on or ignore with this pattern"),
        ("<refused", ":2: <refused", "expected a refusal, but the server accepted the connection"),
        ("<open chat", ":2: <open chat", "- chat\n    + none"),
        ("no-compress\n<compressed", ":3: <compressed", "not compressed"),
        ("<header X-None", ":2: <header X-None", "has no header field X-None"),
        ("<header Upgrade ~^x", ":2: <header Upgrade ~^x", "the header field Upgrade differs"),
    ]

    @Test("A failed step names its line", arguments: unmetRows)
    func unmet(lines: String, place: String, words: String) async throws {
        let result = try await run(lines, ["--timeout", "200ms"])
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains("\n  -\(place)"), "\(result)")
        #expect(result.text.contains(words), "\(result)")
    }

    /// A server that refuses each client.
    private func refuse(_ script: String) async throws -> ProgramResult {
        try await RawServer.run { client in
            _ = try await client.readRequest()
            try await client.write(
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: Bearer realm=\"x\"\r\n"
                    + "Content-Length: 25\r\n\r\n{\"error\":\"token expired\"}\n"
            )
            await client.waitForEnd()
        } _: { port in
            let text = script.replacing("SERVER", with: "ws://127.0.0.1:\(port)/")
            return try await Program.run(["test", "-", "--timeout", "1s"], input: Data(text.utf8))
        }
    }

    private static let refusalRows: [(String, String?)] = [
        ("<refused", nil), ("<refused 401\n<body ~expired\n<header WWW-Authenticate ~^Bearer", nil),
        ("bearer wrong\n<refused 401\n<body {\"error\":\"token expired\"}", nil),
        ("<refused 403", "expected a refusal with status 403, but"),
        ("<refused tls", "expected a rejected certificate"),
        ("<open", "401 Unauthorized"), ("< a", "401 Unauthorized"), ("", "401 Unauthorized"),
        ("<refused\n> a", "expected an open connection, but"),
        ("<refused\n<header WWW-Authenticate Digest", "no header field WWW-Authenticate matches"),
    ]

    @Test("A refusal is expected, with its status, header fields and body", arguments: refusalRows)
    func refusals(lines: String, failure: String?) async throws {
        let result = try await refuse("connect SERVER\n\(lines)\n")
        #expect(result.status == (failure == nil ? 0 : 1), "\(result)")
        if let failure { #expect(result.text.contains(failure), "\(result)") }
    }

    @Test(
        "Closing the connection instead of responding is a refusal without a status",
        arguments: [
            ("<refused", 0), ("<refused 401", 1),
        ]
    )
    func refusalWithoutResponse(line: String, status: Int32) async throws {
        let result = try await RawServer.run { client in
            _ = try await client.readRequest()
        } _: { port in
            try await Program.run(["test", "-"], input: Data("connect ws://127.0.0.1:\(port)/\n\(line)\n".utf8))
        }
        #expect(result.status == status, "\(result)")
    }

    @Test("A message that the server does not read fails its step at the timeout")
    func unreadMessage() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())")
        try Data(repeating: 0x61, count: 32 << 20).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let result = try await RawServer.run { client in
            try await client.upgrade()
            try await client.stopReading()
            // Writing fails when the client has left.
            while true {
                try await client.write(ServerFrame.ping(""))
                try await Task.sleep(for: .milliseconds(5))
            }
        } _: { port in
            let script = "connect ws://127.0.0.1:\(port)/\ntimeout 300ms\n>file \(file.path)\n"
            return try await Program.run(["test", "-"], input: Data(script.utf8))
        }
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains("cannot send: not read within 300 ms"), "\(result)")
    }

    @Test("A server that cannot be reached does not refuse")
    func unreachable() async throws {
        let result = try await Program.run(["test", "-"], input: Data("connect ws://127.0.0.1:1/\n<refused\n".utf8))
        #expect(result.status == 1, "\(result)")
        #expect(result.text.contains("expected a refusal, but no server responded: cannot connect"), "\(result)")
    }

    @Test("An accepted connection is checked: subprotocol, header fields, compression")
    func accepted() async throws {
        let result = try await RawServer.run { client in
            _ = try await client.upgrade(
                headers: "Sec-WebSocket-Protocol: chat\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
                    + "Sec-WebSocket-Extensions: permessage-deflate\r\n"
            )
            await client.waitForEnd()
        } _: { port in
            let text = """
                connect ws://127.0.0.1:\(port)/
                subprotocol chat
                <open chat
                <subprotocol chat
                <header Set-Cookie ~^b=(?<b>\\d)
                <header Upgrade websocket
                <header Set-Cookie ~^a=${b}?
                <compressed
                """
            return try await Program.run(["test", "-"], input: Data(text.utf8))
        }
        #expect(result.status == 0, "\(result)")
    }
}
