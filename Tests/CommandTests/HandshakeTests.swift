import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Every way an answer to the opening handshake can be wrong, with the line that the user reads.
@Suite(.fewAtATime) struct HandshakeTests {
    /// What a server without TLS does with a TLS handshake.
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
        #expect(!result.error.contains("for wss://"), "\(result)")
    }

    private static let status = "HTTP/1.1 101 Switching Protocols"
    private static let upgrade = "Upgrade: websocket"
    private static let connection = "Connection: Upgrade"
    private static let accept = "Sec-WebSocket-Accept: ACCEPT"
    private static let good = [status, upgrade, connection, accept]
    private static let close = ServerFrame.close(1000)

    /// Runs wsline against a server that answers with parts, ACCEPT standing for the right key.
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

    /// Checks that a run ended so, and with one line that has these words.
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
        "What servers may say is accepted",
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

    @Test("An answer that trickles in byte by byte is read like any other, frames behind it too")
    func trickle() async throws {
        let bytes = Array((Self.good.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        // The accept key stands for itself only in one piece.
        let start = try #require(String(decoding: bytes, as: UTF8.self).firstRange(of: "ACCEPT"))
        let text = String(decoding: bytes, as: UTF8.self)
        let parts =
            text[..<start.lowerBound].utf8.map { [$0] } + [Array("ACCEPT".utf8)]
            + text[start.upperBound...].utf8.map { [$0] } + Self.close.map { [$0] }
        expect(try await connect(parts), 0, "")
    }

    @Test(
        "A 101 that breaks a rule of WebSocket is refused with the rule",
        arguments: [
            (["HTTP/1.0 101 x", upgrade, connection, accept], "answered 101, but in HTTP/1.0, which has no upgrade"),
            ([status, connection, accept], "its Upgrade header is missing, not \"websocket\""),
            ([status, "Upgrade: h2c, websocket", connection, accept], "its Upgrade header says \"h2c, websocket\""),
            (good + [upgrade], "its Upgrade header comes 2 times"),
            ([status, upgrade, accept], "its Connection header is missing, not \"Upgrade\""),
            ([status, upgrade, "Connection: close", accept], "its Connection header says \"close\""),
            ([status, upgrade, connection], "its Sec-WebSocket-Accept header is missing"),
            ([status, upgrade, connection, "Sec-WebSocket-Accept: bm9wZQ=="], "Accept header says \"bm9wZQ==\""),
            (good + [accept], "its Sec-WebSocket-Accept header comes 2 times"),
            (good + ["Sec-WebSocket-Protocol: chat"], "Protocol header says \"chat\", but none was asked for"),
            (good + ["Sec-WebSocket-Extensions: x-y"], "Extensions header uses \"x-y\", which was not asked for"),
            (
                good + ["Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate"],
                "names permessage-deflate twice"
            ),
            (
                good + ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16"],
                "has server_max_window_bits=16, not a number from 8 to 15"
            ),
            (good + ["Sec-WebSocket-Extensions: ;;"], "Extensions header cannot be read: \";;\""),
            (good + ["Content-Length: 5"], "announces a body of 5 bytes, which no 101 has"),
        ]
    )
    func violation(lines: [String], words: String) async throws {
        expect(try await connect([Self.head(lines) + Self.close]), 76, words)
    }

    @Test("A subprotocol or an extension that was not asked for is refused, whatever else was asked for")
    func notAskedFor() async throws {
        let chosen = Self.good + ["Sec-WebSocket-Protocol: c"]
        let arguments = ["-s", "a", "-s", "b"]
        expect(
            try await connect([Self.head(chosen) + Self.close], arguments),
            76,
            "not one of those asked for: \"a\", \"b\""
        )
        let deflate = Self.good + ["Sec-WebSocket-Extensions: permessage-deflate"]
        let result = try await connect([Self.head(deflate) + Self.close], ["--no-compress"])
        expect(result, 76, "uses \"permessage-deflate\", which was not asked for")
    }

    @Test(
        "An answer that breaks HTTP is refused with the line at fault",
        arguments: [
            (["HTTP/2.0 101 x"] + good.dropFirst(), "its status line is \"HTTP/2.0 101 x\", not one of HTTP/1.1"),
            (["HTTP/1.1 1010 x"] + good.dropFirst(), "its status line is \"HTTP/1.1 1010 x\""),
            (["HTTP/1.1 abc"] + good.dropFirst(), "its status line is \"HTTP/1.1 abc\""),
            (["HTTP/1.1"] + good.dropFirst(), "its status line is \"HTTP/1.1\""),
            ([status, upgrade, "Connection: close,", " Upgrade", accept], "own, \" Upgrade\", which HTTP forbids"),
            ([status, upgrade, connection, "Sec-WebSocket-Accept:", "\tACCEPT"], "goes on in a line of its own"),
            (good + ["X: a\0b"], "its header line \"X: a\\0b\" is malformed"),
            (good + ["X: a\rSet-Cookie: b"], "its header line \"X: a Set-Cookie: b\" is malformed"),
            (good + ["X: a\u{1B}[2Jb"], "its header line \"X: a\\e[2Jb\" is malformed"),
            (good + ["X : b"], "its header line \"X : b\" is malformed"),
            (good + ["no colon"], "its header line \"no colon\" is malformed"),
            (good + [": b"], "its header line \": b\" is malformed"),
            (good + ["X(Y): b"], "its header line \"X(Y): b\" is malformed"),
            (good + ["X: a\nY: b"], "its line \"X: a\" ends with LF alone, not CR LF"),
            (good + ["X: " + String(repeating: "y", count: 100 << 10)], "its headers are longer than 256 KiB, or one"),
            (
                good + (0..<1000).map { "X-\($0): " + String(repeating: "y", count: 1000) },
                "its headers are longer than 256 KiB"
            ),
        ]
    )
    func malformed(lines: [String], words: String) async throws {
        expect(try await connect([Self.head(lines) + Self.close]), 76, words)
    }

    @Test(
        "What is no HTTP/1 is told by what it is",
        arguments: [
            ([0x15, 0x03, 0x01, 0, 2, 2, 0x46], "it answered in TLS; use wss://"),
            ([0, 0, 0, 4, 0, 0, 0, 0, 0], "it answered in HTTP/2, and WebSocket begins in HTTP/1.1"),
            (Array("SSH-2.0-OpenSSH_9\r\n".utf8), "it answered \"SSH-2.0-OpenSSH_9\", which is not HTTP"),
            (Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade".utf8), "it ended in the middle of its headers"),
            ([], "ended the connection before it answered"),
            (Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), "ended the connection before it answered"),
        ] as [([UInt8], String)]
    )
    func otherServers(bytes: [UInt8], words: String) async throws {
        expect(try await connect([bytes]), 69, words)
    }

    @Test(
        "A refusal keeps its status, whatever its body is",
        arguments: [
            (
                ["HTTP/1.1 503 x", "Transfer-Encoding: chunked", "", "6", "no key", "0", ""], "503 Service Unavailable",
                "no key"
            ),
            (["HTTP/1.1 503 x", "Transfer-Encoding: chunked", "", "zz", "no key"], "503 Service Unavailable", ""),
            (["HTTP/1.1 503 x", "Content-Length: 100", "", "short"], "503 Service Unavailable", "short"),
            (
                ["HTTP/1.0 404 x", "", "gone"], "404 Not Found; try another path, such as /ws",
                "gone"
            ),
            (["HTTP/1.1 204 x", ""], "204 No Content; this is a web page, not a WebSocket", ""),
            (
                ["HTTP/1.1 301 x", "Location: /else", "Content-Length: 0", ""],
                "301 Moved Permanently; it redirects to /else, which -L follows", ""
            ),
            (
                ["HTTP/1.1 426 x", "Sec-WebSocket-Version: 8, 7", ""],
                "426 Upgrade Required; it speaks WebSocket version 8, 7", ""
            ),
            (["HTTP/1.1 426 x", "Upgrade: h2c", ""], "426 Upgrade Required; it asks for h2c", ""),
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
        expect(result, 69, "which cannot be followed: it leads to a socket of this machine")
    }

    @Test("A refusal whose body never ends is told when its time is over")
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

    @Test("Headers without end cost no memory")
    func endlessHeaders() async throws {
        let line = Array("X: \(String(repeating: "y", count: 1 << 20))\r\n".utf8)
        let start = Array((Self.good.joined(separator: "\r\n") + "\r\n").utf8)
        expect(try await connect([start] + Array(repeating: line, count: 64)), 76, "longer than 256 KiB")
        let endless = Array(repeating: [UInt8](repeating: UInt8(ascii: "y"), count: 1 << 20), count: 64)
        expect(try await connect([Array("HTTP/1.1 101 ".utf8)] + endless), 76, "longer than 256 KiB")
    }

    @Test(
        "Header injection by an option is refused before anything is sent",
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
