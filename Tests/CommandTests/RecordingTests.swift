import Foundation
import ProcessSupport
import TestSupport
import Testing

/// Tests of `--record`, `test --from` and `replay`.
@Suite(.fewAtATime) struct RecordingTests {
    /// Returns a recorded event with a time in milliseconds after noon.
    private static func event(_ milliseconds: Int, _ fields: String) -> String {
        let fraction = String(milliseconds % 1000)
        let seconds = String(milliseconds / 1000)
        return "{\"time\":\"2026-11-23T12:00:\(String(repeating: "0", count: 2 - seconds.count))\(seconds)."
            + "\(String(repeating: "0", count: 3 - fraction.count))\(fraction)000Z\",\(fields)}\n"
    }

    private static func open(_ url: String) -> String {
        event(0, #""event":"open","url":"\#(url)","status":101,"http_version":"1.1","subprotocol":null"#)
    }

    private static func sent(_ text: String, at time: Int = 1) -> String {
        event(time, #""event":"message","direction":"sent","type":"text","data":"\#(text)""#)
    }

    private static func received(_ text: String) -> String {
        event(2, #""event":"message","direction":"received","type":"text","data":"\#(text)""#)
    }

    private func script(from recording: String) async throws -> ProgramResult {
        let folder = try ScriptFolder(["a.jsonl": recording])
        return try await Program.run(["test", "--from", folder.path("a.jsonl")])
    }

    private static let statementRows: [(String, String?)] =
        [
            (sent("hello"), "> hello"), (received("hello"), "< hello"), (sent(" a "), ">string \" a \""),
            (sent(""), ">"),
            (received("a\\nb"), "<string \"a\\nb\""), (sent("a  # b"), ">string \"a  # b\""), (sent("# a"), "> # a"),
            (sent("${A} $${ $"), "> $${A} $$${ $"), (sent("\\u001b[2J"), ">string \"\\u001b[2J\""),
            (sent("\\\"a\\\""), "> \"a\""),
            (event(1, #""event":"message","direction":"sent","type":"binary","data_base64":"AP8Q""#), ">hex 00ff10"),
            (event(1, #""event":"message","direction":"received","type":"binary","data_base64":"""#), "<hex"),
            (event(1, #""event":"ping","direction":"sent","data":"a b""#), "ping a b"),
            (event(1, #""event":"ping","direction":"sent","data":"a  # b""#), "ping"),
            (event(1, #""event":"ping","direction":"received","data":"a""#), nil),
            (event(1, #""event":"pong","direction":"sent","data":"a""#), nil),
            (event(1, #""event":"pong","direction":"received","data":"a""#), nil),
            (event(1, #""event":"close","code":4001,"reason":"a b","by":"server","clean":true"#), "<close 4001 a b"),
            (event(1, #""event":"close","code":null,"reason":"","by":"server","clean":true"#), "<close 1005"),
            (event(1, #""event":"close","code":1000,"reason":"","by":"client","clean":true"#), "close 1000\n<close"),
            (event(1, #""event":"close","code":null,"reason":"","by":null,"clean":false"#), "<close 1006"),
            (
                event(1, #""event":"close","code":1002,"reason":"close code 1006","by":"client","clean":false"#),
                "# the server violated the protocol, which no statement expects: close code 1006"
            ),
            (event(1, #""event":"error","exit":74,"message":"a""#), nil),
        ] as [(String, String?)]

    @Test(
        "An event becomes a statement that parses to the same event",
        arguments: statementRows
    )
    func statements(event: String, line: String?) async throws {
        let result = try await script(from: Self.open("ws://h:1/") + event)
        #expect(result.status == 0, "\(result)")
        #expect(result.text == "connect ws://h:1/\n" + (line.map { $0 + "\n" } ?? ""), "\(result)")
    }

    @Test("A pong is expected once, for the ping that it answers")
    func pongs() async throws {
        let ping = Self.event(1, #""event":"ping","direction":"sent","data":"a""#)
        let pong = Self.event(2, #""event":"pong","direction":"received","data":"a","rtt_ms":1.0"#)
        let result = try await script(
            from: Self.open("ws://h/") + ping + pong + pong + Self.sent("b") + ping + ping + pong
        )
        #expect(result.text == "connect ws://h/\nping a\npong\n> b\nping a\nping a\npong\n", "\(result)")
    }

    @Test("Several sessions in a file become several tests of a script")
    func sessions() async throws {
        let result = try await script(
            from: Self.open("ws://h/1") + Self.sent("a") + "\n" + Self.open("ws://h/2") + Self.received("b")
        )
        #expect(
            result.text == "== session 1\nconnect ws://h/1\n> a\n\n== session 2\nconnect ws://h/2\n< b\n",
            "\(result)"
        )
    }

    private static let noRecordingRows: [(String, String)] = [
        ("", "a.jsonl"), ("{}\n", "line 1"), ("hello\n", "line 1"),
        (sent("a"), "line 1"),
        (open("ws://h/") + "{\"time\":\"noon\",\"event\":\"open\"}", "line 2"),
        (open("ws://h/") + event(1, #""event":"dance""#), "dance"),
        (open("ws://h/") + sent("a").dropLast(9), "line 2"),
    ]

    @Test(
        "An invalid recording is reported with its line, and the exit status is 65",
        arguments: noRecordingRows
    )
    func noRecording(text: String, words: String) async throws {
        let result = try await script(from: text)
        #expect(result.status == 65, "\(result)")
        #expect(result.error.contains(words), "\(result)")
        #expect(result.text == "", "\(result)")
    }

    @Test("A recorded session becomes a script that passes, and that fails against different replies")
    func roundTrip() async throws {
        let folder = try ScriptFolder([:])
        let messages = ["hello", " spaces ", "# no comment  # at all", "${NO}", "control \u{1}", "", "{\"a\":\"ä\"}"]
        @Sendable func answer(_ client: RawClient, _ suffix: String) async throws {
            try await client.upgrade()
            while true {
                let frame = try await client.readFrame()
                if frame.first == 0x88 { break }
                try await client.write(ServerFrame.frame(0x81, frame.payload + Array(suffix.utf8)))
            }
            try await client.write(ServerFrame.close(1000))
        }
        try await RawServer.run {
            try await answer($0, "")
        } _: { port in
            let url = "ws://127.0.0.1:\(port)/"
            let input = messages.joined(separator: "\n") + "\n"
            let arguments = ["--no-compress", "--record", folder.path("a.jsonl"), "--count", "\(messages.count)", url]
            let recorded = try await Program.run(arguments, input: Data(input.utf8))
            #expect(recorded.text == input, "\(recorded)")
            let script = try await Program.run(["test", "--from", folder.path("a.jsonl")])
            try folder.write("a.ws", script.output)
            let result = try await Program.run(["test", "--repeat", "10", folder.path("a.ws")])
            #expect(result.status == 0, "\(result)\n\(script)")
            try await RawServer.run {
                try await answer($0, "?")
            } _: { other in
                try folder.write("b.ws", Data(script.text.replacing(":\(port)/", with: ":\(other)/").utf8))
                let result = try await Program.run(["test", folder.path("b.ws")])
                #expect(result.status == 1, "\(result)")
            }
        }
    }

    @Test("Neither recordings nor events contain secrets of the URL or of headers on either side")
    func secrets() async throws {
        let folder = try ScriptFolder([:])
        let result = try await RawServer.run { client in
            try await client.upgrade(headers: "Set-Cookie: sid=s3cret\r\n", then: ServerFrame.close(1000))
            await client.waitForEnd()
        } _: { port in
            let headers = ["-H", "X-Jwt: s3cret", "--cookie", "sid=s3cret"]
            let url = "ws://joe:s3cret@127.0.0.1:\(port)/?access_token=s3cret&room=1"
            return try await Program.run(["-v", "--json", "--record", folder.path("a.jsonl")] + headers + [url])
        }
        #expect(result.status == 0, "\(result)")
        #expect(result.text.contains("/?access_token=…&room=1\""), "\(result)")
        let recording = try folder.read("a.jsonl")
        for text in [result.text, result.error, recording] { #expect(!text.contains("s3cret"), "\(text)") }
    }

    @Test("A refused connection is recorded without secrets, and becomes a test that expects it")
    func refused() async throws {
        let folder = try ScriptFolder([:])
        try await RawServer.run { client in
            _ = try await client.readRequest()
            try await client.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        } _: { port in
            let url = "ws://127.0.0.1:\(port)/?token=s3cret"
            let options = ["--bearer", "s3cret", "-s", "a", "-s", "b"]
            let session = try await Program.run(["--record", folder.path("a.jsonl"), "--json"] + options + [url])
            let recording = try folder.read("a.jsonl")
            #expect(session.status == 77 && session.text == recording, "\(session)")
            let event =
                #""event":"refused","url":"ws://127.0.0.1:\#(port)/?token=…","status":403,"http_version":"1.1","#
            let fields = #""subprotocols":["a","b"],"headers":["Authorization: Bearer …"]}"#
            #expect(session.text.contains(event + fields) && !session.text.contains("s3cret"), "\(session)")
            try folder.write(
                "a.ws",
                Data("== refused\nconnect \(url)\nbearer s3cret\nsubprotocol a\nsubprotocol b\n<refused\n".utf8)
            )
            let test = try await Program.run(["test", "--record", folder.path("tests"), folder.path("a.ws")])
            #expect(test.status == 0, "\(test)")
            let tests = try FileManager.default.contentsOfDirectory(atPath: folder.path("tests"))
            #expect(tests.count == 1)
            for name in ["a.jsonl"] + tests.map({ "tests/\($0)" }) {
                let script = try await Program.run(["test", "--from", folder.path(name)])
                let expected = """
                    # A recording has no secrets and no files: give TOKEN, TOKEN2 with --set or --env-file.
                    connect ws://127.0.0.1:\(port)/?token=${TOKEN}
                    subprotocol a
                    subprotocol b
                    bearer ${TOKEN2}
                    <refused 403

                    """
                #expect(script.text == expected, "\(script)")
                try folder.write("b.ws", script.output)
                let set = ["--set", "TOKEN=x", "--set", "TOKEN2=y"]
                let result = try await Program.run(["test"] + set + [folder.path("b.ws")])
                #expect(result.status == 0, "\(result)")
            }
            let replay = try await Program.run(["replay", folder.path("a.jsonl"), url])
            #expect(replay.status == 65 && replay.error.contains("the server refused every connection"), "\(replay)")
        }
    }

    @Test("A violation of the protocol is recorded as the client's Close, which no statement expects")
    func violation() async throws {
        let folder = try ScriptFolder([:])
        let recorded = try await RawServer.run { client in
            try await client.upgrade(then: ServerFrame.close(1006))
            await client.waitForEnd()
        } _: { port in
            try await Program.run(["--receive-only", "--record", folder.path("a.jsonl"), "127.0.0.1:\(port)"])
        }
        #expect(recorded.status == 76, "\(recorded)")
        let script = try await Program.run(["test", "--from", folder.path("a.jsonl")])
        #expect(script.text.hasSuffix("expects: close code 1006 must not be sent\n"), "\(script)")
    }

    @Test("A script that does not accept the second recording is printed with a notice")
    func notice() async throws {
        let folder = try ScriptFolder([
            "a.jsonl": Self.open("ws://h/") + Self.received(#"{\"v\":1}"#) + Self.received(#"{\"v\":2}"#),
            "b.jsonl": Self.open("ws://h/") + Self.received(#"{\"v\":2}"#) + Self.received(#"{\"v\":3}"#),
        ])
        let result = try await Program.run(["test", "--from", folder.path("a.jsonl"), folder.path("b.jsonl")])
        #expect(result.status == 0 && result.text.hasPrefix("connect ws://h/\n"), "\(result)")
        let words =
            "wsline: line 3 of the script does not accept the messages of \"\(folder.path("b.jsonl"))\"; edit it\n"
        #expect(result.error == words, "\(result)")
    }

    @Test("A session with echo: becomes a script with echo:, without its port")
    func echo() async throws {
        let folder = try ScriptFolder([:])
        let recorded = try await Program.run(["--record", folder.path("a.jsonl"), "-x", "hi", "-1", "echo:"])
        #expect(recorded.status == 0, "\(recorded)")
        let script = try await Program.run(["test", "--from", folder.path("a.jsonl")])
        #expect(script.text == "connect echo:\n> hi\n< hi\nclose 1000\n<close\n", "\(script)")
        try folder.write("a.ws", script.output)
        let result = try await Program.run(["test", folder.path("a.ws")])
        #expect(result.status == 0, "\(result)")
    }

    @Test("replay sends messages, pings and pongs in their order and with their timing", arguments: ["1", "2", "max"])
    func replay(speed: String) async throws {
        let ping = Self.event(300, #""event":"ping","direction":"sent","data":"p""#)
        let binary = Self.event(300, #""event":"message","direction":"sent","type":"binary","data_base64":"AP8Q""#)
        let folder = try ScriptFolder([
            "a.jsonl": Self.open("ws://other/") + Self.sent("a", at: 0) + Self.received("x") + ping + binary
                + Self.sent("b", at: 600)
        ])
        let (result, frames, time) = try await RawServer.run { client in
            try await client.upgrade()
            let start = ContinuousClock.now
            var frames: [String] = []
            while frames.count < 4 {
                let frame = try await client.readFrame()
                frames.append("\(String(frame.first, radix: 16)) \(frame.payload)")
            }
            let time = ContinuousClock.now - start
            try await client.write(ServerFrame.text("\(Int(time / .milliseconds(1)))|\(frames.joined(separator: "|"))"))
            _ = try await client.readToClose()
            try await client.write(ServerFrame.close(1000))
        } _: { port in
            let arguments = [
                "--no-compress", "--speed", speed, "--count", "1", folder.path("a.jsonl"), "ws://127.0.0.1:\(port)/",
            ]
            let result = try await Program.run(["replay"] + arguments)
            let parts = result.text.split(separator: "\n").joined().split(separator: "|").map(String.init)
            return (result, parts.dropFirst(), Int(parts.first ?? "") ?? -1)
        }
        #expect(result.status == 0, "\(result)")
        #expect(Array(frames) == ["81 [97]", "89 [112]", "82 [0, 255, 16]", "81 [98]"], "\(result)")
        // Never sooner; how much later depends on the machine. The server may have started its clock a little late.
        if speed == "1" { #expect(time >= 500, "\(result)") }
        if speed == "2" { #expect(time >= 250, "\(result)") }
    }

    @Test("An invalid speed is an invalid command line", arguments: ["0", "-1", "0.0001", "fast", "inf", "nan", ""])
    func speeds(speed: String) async throws {
        let result = try await Program.run(["replay", "--speed", speed, "/dev/null", "echo:"])
        #expect(result.status == 64, "\(result)")
    }
}
