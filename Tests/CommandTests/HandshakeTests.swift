import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Tests of invalid responses to the opening handshake, each with the message for the user.
@Suite(.fewAtATime) struct HandshakeTests {
    /// How a server without TLS reacts to a TLS handshake.
    enum PlainServer: CaseIterable {
        case answersBadRequest, answersNonsense, answersZeros, ends, resets, isSilent
    }

    @Test("wss:// to a server without TLS suggests ws://", arguments: PlainServer.allCases)
    func noTLS(server: PlainServer) async throws {
        let result = try await RawServer.run { client in
            if server != .ends { _ = try await client.read(100) }
            switch server {
            case .answersBadRequest: try await client.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            case .answersNonsense: try await client.write("what do you mean?\n")
            case .answersZeros: try await client.write([UInt8](repeating: 0, count: 200))
            case .ends: return
            case .resets: return try await client.reset()
            case .isSilent: break
            }
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["--connect-timeout", "1", "-x", "a", "wss://127.0.0.1:\(port)"])
        }
        #expect(result.error.contains("ws://"), "\(result)")
        #expect(!result.error.contains("wss://"), "\(result)")
    }

    @Test("A proxy that does not answer is named", arguments: ["socks5h", "http"])
    func silentProxy(scheme: String) async throws {
        let (result, proxy) = try await RawServer.run { client in
            await client.waitForEnd()
        } _: { port in
            let proxy = "\(scheme)://127.0.0.1:\(port)"
            let arguments = ["--connect-timeout", "100ms", "--proxy", proxy, "-x", "a", "ws://example.test/"]
            return (try await Program.run(arguments), proxy)
        }
        #expect(result.status == 75, "\(result)")
        #expect(result.error.contains("timed out after 0.1 s waiting for the proxy \(proxy);"), "\(result)")
    }

    private static let status = "HTTP/1.1 101 Switching Protocols"
    private static let upgrade = "Upgrade: websocket"
    private static let connection = "Connection: Upgrade"
    private static let accept = "Sec-WebSocket-Accept: ACCEPT"
    private static let good = [status, upgrade, connection, accept]
    private static let close = ServerFrame.close(1000)

    /// Runs wsline against a server that responds with parts, in which ACCEPT is replaced by the correct key.
    private func connect(_ parts: [[UInt8]], _ arguments: [String] = []) async throws -> ProgramResult {
        try await RawServer.run { client in
            let key = RawClient.acceptKey(for: try await client.readRequest())
            for part in parts {
                try await client.write(Array(Data(part).replacing(Data("ACCEPT".utf8), with: Data(key.utf8))))
            }
            try await client.endOutput()
            await client.waitForEnd()
        } _: { port in
            try await Program.run(arguments + ["--receive-only", "127.0.0.1:\(port)"])
        }
    }

    private static func head(_ lines: [String]) -> [UInt8] {
        Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// Checks the exit status of a run, and that it reports one line that contains the words.
    private func expect(_ result: ProgramResult, _ status: Int32, _ words: String) {
        #expect(result.status == status, "\(result)")
        #expect(result.output.isEmpty, "\(result)")
        #expect(words.isEmpty || result.error.contains(words), "\(result)")
        if status != 0 { #expect(result.error.hasPrefix("wsline: "), "\(result)") }
        #expect(
            result.error.split(separator: "\n").count { !$0.hasPrefix("  | ") } == (status == 0 ? 0 : 1),
            "\(result)"
        )
    }

    @Test(
        "Valid variations of the response are accepted",
        arguments: [
            good, [status, "upgrade: WEBSOCKET", "connection: keep-alive, Upgrade", accept],
            [status, upgrade, "Connection: x", connection, accept], ["HTTP/1.1 101", upgrade, connection, accept],
            good + ["X: \u{E4}\u{F6}"], good + ["Content-Length: 0"], good + ["Transfer-Encoding: chunked"],
            ["HTTP/1.1 100 Continue", ""] + good, ["HTTP/1.1 102 Processing", ""] + good,
            ["HTTP/1.1 103 Early Hints", "Link: </x>", "", "HTTP/1.1 103 Early Hints", ""] + good,
            good + (0..<100).map { "X-\($0): " + String(repeating: "y", count: 1000) },
        ]
    )
    func accepted(lines: [String]) async throws {
        expect(try await connect([Self.head(lines) + Self.close]), 0, "")
    }

    @Test("A response that arrives byte by byte is read like any other, including the frames after it")
    func trickle() async throws {
        let bytes = Array((Self.good.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        // The placeholder for the key is replaced only if it is in one part.
        let start = try #require(String(decoding: bytes, as: UTF8.self).firstRange(of: "ACCEPT"))
        let text = String(decoding: bytes, as: UTF8.self)
        let parts =
            text[..<start.lowerBound].utf8.map { [$0] } + [Array("ACCEPT".utf8)]
            + text[start.upperBound...].utf8.map { [$0] } + Self.close.map { [$0] }
        expect(try await connect(parts), 0, "")
    }

    @Test(
        "A 101 response that violates the WebSocket protocol is rejected with the broken rule",
        arguments: [
            (["HTTP/1.0 101 x", upgrade, connection, accept], "invalid handshake response from 127.0.0.1"),
            ([status, connection, accept], "Upgrade header is missing"),
            ([status, "Upgrade: h2c, websocket", connection, accept], "Upgrade header is \"h2c, websocket\""),
            (good + [upgrade], "Upgrade header occurs 2 times"),
            ([status, upgrade, accept], "Connection header is missing"),
            ([status, upgrade, "Connection: close", accept], "Connection header is \"close\""),
            ([status, upgrade, connection], "Sec-WebSocket-Accept header is missing"),
            ([status, upgrade, connection, "Sec-WebSocket-Accept: bm9wZQ=="], "Accept header is \"bm9wZQ==\""),
            (good + [accept], "Sec-WebSocket-Accept header occurs 2 times"),
            (good + ["Sec-WebSocket-Protocol: chat"], "Protocol header is \"chat\""),
            (good + ["Sec-WebSocket-Extensions: x-y"], "\"x-y\""),
            (
                good + ["Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate"],
                "Extensions header lists permessage-deflate"
            ),
            (
                good + ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16"],
                "server_max_window_bits=16"
            ),
            (good + ["Sec-WebSocket-Extensions: ;;"], "Extensions header is malformed: \";;\""),
            (good + ["Content-Length: 5"], "a body of 5 bytes"),
        ]
    )
    func violation(lines: [String], words: String) async throws {
        expect(try await connect([Self.head(lines) + Self.close]), 76, words)
    }

    @Test("An unsolicited subprotocol or extension is rejected, whichever others were offered")
    func notAskedFor() async throws {
        let chosen = Self.good + ["Sec-WebSocket-Protocol: c"]
        let arguments = ["-s", "a", "-s", "b"]
        expect(
            try await connect([Self.head(chosen) + Self.close], arguments),
            76,
            "header is \"c\""
        )
        let deflate = Self.good + ["Sec-WebSocket-Extensions: permessage-deflate"]
        let result = try await connect([Self.head(deflate) + Self.close], ["--no-compress"])
        expect(result, 76, "\"permessage-deflate\"")
    }

    @Test(
        "A response that violates HTTP is rejected with the invalid line",
        arguments: [
            (["HTTP/2.0 101 x"] + good.dropFirst(), "status line \"HTTP/2.0 101 x\""),
            (["HTTP/1.1 1010 x"] + good.dropFirst(), "status line \"HTTP/1.1 1010 x\""),
            (["HTTP/1.1 abc"] + good.dropFirst(), "status line \"HTTP/1.1 abc\""),
            (["HTTP/1.1"] + good.dropFirst(), "status line \"HTTP/1.1\""),
            ([status, upgrade, "Connection: close,", " Upgrade", accept], "line, \" Upgrade\""),
            ([status, upgrade, connection, "Sec-WebSocket-Accept:", "\tACCEPT"], "continued on another line"),
            (good + ["X: a\0b"], "header line \"X: a\\0b\""),
            (good + ["X: a\rSet-Cookie: b"], "header line \"X: a Set-Cookie: b\""),
            (good + ["X: a\u{1B}[2Jb"], "header line \"X: a\\e[2Jb\""),
            (good + ["X : b"], "header line \"X : b\""),
            (good + ["no colon"], "header line \"no colon\""),
            (good + [": b"], "header line \": b\""),
            (good + ["X(Y): b"], "header line \"X(Y): b\""),
            (good + ["X: a\nY: b"], "line \"X: a\" ends with LF"),
            (good + ["X: " + String(repeating: "y", count: 100 << 10)], "headers exceed 256 KiB, or one"),
            (
                good + (0..<1000).map { "X-\($0): " + String(repeating: "y", count: 1000) },
                "headers exceed 256 KiB"
            ),
        ]
    )
    func malformed(lines: [String], words: String) async throws {
        expect(try await connect([Self.head(lines) + Self.close]), 76, words)
    }

    @Test(
        "A response in another protocol than HTTP/1.1 is identified",
        arguments: [
            ([0x15, 0x03, 0x01, 0, 2, 2, 0x46], "use wss://"),
            ([0, 0, 0, 4, 0, 0, 0, 0, 0], "it is HTTP/2"),
            (Array("SSH-2.0-OpenSSH_9\r\n".utf8), "\"SSH-2.0-OpenSSH_9\" is not HTTP"),
            (Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade".utf8), "within the headers"),
            ([], "closed the connection before responding"),
            (Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), "closed the connection before responding"),
        ] as [([UInt8], String)]
    )
    func otherServers(bytes: [UInt8], words: String) async throws {
        expect(try await connect([bytes]), 69, words)
    }

    @Test(
        "A refusal is reported with its status, whatever its body contains",
        arguments: [
            (
                ["HTTP/1.1 503 x", "Transfer-Encoding: chunked", "", "6", "no key", "0", ""], "503 Service Unavailable",
                "no key"
            ),
            (["HTTP/1.1 503 x", "Transfer-Encoding: chunked", "", "zz", "no key"], "503 Service Unavailable", ""),
            (["HTTP/1.1 503 x", "Content-Length: 100", "", "short"], "503 Service Unavailable", "short"),
            (["HTTP/1.0 404 x", "", "gone"], "404 Not Found; try another path", "gone"),
            (["HTTP/1.1 204 x", ""], "204 No Content", ""),
            (
                ["HTTP/1.1 301 x", "Location: /else", "Content-Length: 0", ""],
                "301 Moved Permanently; use -L to follow the redirect to /else", ""
            ),
            (
                ["HTTP/1.1 426 x", "Sec-WebSocket-Version: 8, 7", ""],
                "426 Upgrade Required; it supports WebSocket version 8, 7", ""
            ),
            (["HTTP/1.1 426 x", "Upgrade: h2c", ""], "426 Upgrade Required; it requires an upgrade to h2c", ""),
        ]
    )
    func refused(lines: [String], words: String, body: String) async throws {
        let result = try await connect([Self.head(lines)])
        expect(result, 69, "refused the upgrade: \(words)")
        #expect(body.isEmpty || result.error.contains("\n  | \(body)"), "\(result)")
    }

    @Test("A redirect to a Unix-domain socket is not followed")
    func redirectToSocket() async throws {
        let result = try await RawServer.run { client in
            _ = try await client.readRequest()
            try await client.write("HTTP/1.1 302 x\r\nLocation: ws+unix:///run/a.sock:/x\r\nContent-Length: 0\r\n\r\n")
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["-L", "127.0.0.1:\(port)"])
        }
        expect(result, 69, "cannot follow the redirect from ws://127.0.0.1")
    }

    @Test("A refusal whose body never ends is reported after a time limit")
    func endlessBody() async throws {
        let result = try await RawServer.run { client in
            _ = try await client.readRequest()
            try await client.write("HTTP/1.1 500 x\r\n\r\nit broke\n")
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["127.0.0.1:\(port)"])
        }
        expect(result, 69, "500 Internal Server Error")
        #expect(result.error.hasSuffix("\n  | it broke\n"), "\(result)")
    }

    @Test("Endless headers use a bounded amount of memory")
    func endlessHeaders() async throws {
        let line = Array("X: \(String(repeating: "y", count: 1 << 20))\r\n".utf8)
        let start = Array((Self.good.joined(separator: "\r\n") + "\r\n").utf8)
        expect(try await connect([start] + Array(repeating: line, count: 64)), 76, "exceed 256 KiB")
        let endless = Array(repeating: [UInt8](repeating: UInt8(ascii: "y"), count: 1 << 20), count: 64)
        expect(try await connect([Array("HTTP/1.1 101 ".utf8)] + endless), 76, "exceed 256 KiB")
    }

    @Test(
        "Header injection through an option is rejected before anything is sent",
        arguments: [
            ["-H", "X: a\r\nY: b"], ["-H", "X\r\n: a"], ["-o", "http://a\r\nY: b"], ["-s", "a\r\nY: b"],
            ["ws://h/\r\nX: y"],
        ]
    )
    func injection(arguments: [String]) async throws {
        let result = try await Program.run(arguments.count == 1 ? arguments : arguments + ["127.0.0.1:1"])
        #expect(result.status == 64, "\(result)")
        #expect(result.error.split(separator: "\n").count == 1, "\(result)")
    }
}
