import Foundation
import ProcessSupport
import TerminalSupport
import TestSupport
import Testing

/// Tests of typed commands, the history and display settings at a pseudo-terminal.
@Suite(.fewAtATime) struct SessionCommandTests {
    static let wsline = Program.folder.appendingPathComponent("wsline").path

    /// A temporary folder for one test.
    struct Folder: ~Copyable {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())").path

        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ content: String, to name: String) throws -> String {
            try content.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
            return "\(path)/\(name)"
        }
        func read(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }
    }

    func start(
        _ arguments: [String] = ["echo:"],
        environment: [String: String] = [:],
        columns: Int = 80
    ) async throws -> PseudoTerminal {
        let terminal = try await PseudoTerminal(
            Self.wsline,
            arguments,
            environment: PseudoTerminal.environment(environment),
            columns: columns
        )
        try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
        return terminal
    }

    @Test(
        "A typed command does what its help says",
        arguments: [
            (
                "/set pretty on\r{\"b\":[1.50,{}],\"a\":null}",
                #"^< \{\n    "b": \[\n      1.50,\n      \{\}\n    \],\n    "a": null\n  \}$"#
            ),
            ("/set pretty on\r {\"b\":}", #"^<  \{"b":\}$"#),
            ("/set timestamps on\rnow", #"^\d\d:\d\d:\d\d\.\d\d\d < now$"#),
            ("/binary 00ff 10", #"^< binary, 3 bytes\n  00000000  00 ff 10 .*\|\.\.\.\|$"#),
            ("/set binary-as hex\r/binary 00ff", #"^< binary, 2 bytes\n  00ff$"#),
            ("/set binary-as base64\r/binary 00ff", #"^< binary, 2 bytes\n  AP8=$"#),
            ("/binary 0", #"odd number of hexadecimal digits \(1\)"#),
            ("/binary 0g", #""g" is not a hexadecimal digit"#),
            ("/set fold 1", #""1" for fold: "#),
            (
                "/set fold 100\r" + String(repeating: "0123456789", count: 20),
                #"^  … 100 bytes more \(/set fold off shows everything\)$"#
            ),
            ("/set nothing on", #"setting "nothing"; .*pretty, timestamps, fold"#),
            ("/ping", #"^pong after \d+\.\d\d ms$"#),
            ("/help close", #"^/close \[CODE \[REASON\]\]\n  close the connection"#),
            ("/record", "/record FILE"),
            ("/send /nonexistent/file", #"^cannot read "/nonexistent/file": no such file or directory; not sent$"#),
            ("/help nosuch", "/nosuch; /help lists the commands$"),
            ("/histroy", "/histroy; did you mean /history"),
            ("/ ping", "command /;"),
            (
                "/nothingofthatnameatall",
                #"command /nothingofthatnameatall; [\s\S]*\(//nothing"#
            ),
            ("\u{1B}[200~/* a\ncomment */\u{1B}[201~", #"^< /\* a\n  comment \*/$"#),
            ("\u{1B}[200~//x\ny\u{1B}[201~", #"^< //x\n  y$"#), ("\u{1B}[200~//x\u{1B}[201~", "^< //x$"),
            ("\u{1B}[200~/quit\u{1B}[201~", "^< /quit$"), ("\u{1B}[200~/qu\u{1B}[201~it", "^< /quit$"),
            ("\u{1B}[200~/quit\u{1B}[201~\r\u{1B}[A", "^> //quit\n(< /quit\n)+> *$"),
            ("\u{1B}[200~x\u{1B}[201~\u{15}/help ping", #"^/ping \[DATA\]$"#),
            ("/help \u{1B}[200~ping\u{1B}[201~", #"^/ping \[DATA\]$"#),
            ("/quit now", #"^/quit .*"now"$"#),
        ]
    )
    func command(typed: String, shown: String) async throws {
        let terminal = try await start()
        for line in typed.split(separator: "\r") {
            try await terminal.send(line + "\r")
            try await terminal.wait(for: #"^> *$"#)
        }
        try await terminal.wait(for: shown)
    }

    @Test("A file is sent as text or, if it is not valid UTF-8, as binary; a large one shows its progress")
    func sendFile() async throws {
        let folder = try Folder()
        let text = try folder.write("text of a file\n", to: "a.txt")
        try Data([0xFF, 0x00]).write(to: URL(fileURLWithPath: folder.path + "/b"))
        let large = try folder.write(String(repeating: "x", count: 3 << 20), to: "large")
        let terminal = try await start(columns: 160)
        try await terminal.send("/send \(text)\r")
        try await terminal.wait(for: #"^< text of a file"#)
        try await terminal.wait(for: #"^sent .*a.txt: 15 bytes, text$"#)
        try await terminal.send("/send \(folder.path)/b\r")
        try await terminal.wait(for: #"^< binary, 2 bytes$"#)
        try await terminal.send("/binary @\(folder.path)/b\r")
        try await terminal.wait(for: #"(^< binary, 2 bytes\n[\s\S]*){2}"#)
        try await terminal.send("/set fold 100\r/send \(large)\r")
        try await terminal.wait(for: #"large: 3145728 bytes, text, in"#)
    }

    @Test("A session is recorded as one line of JSON for each event")
    func record() async throws {
        let folder = try Folder()
        let terminal = try await start()
        try await terminal.send("/record \(folder.path)/log\r")
        try await terminal.wait(for: "^recording to ")
        try await terminal.send("\"quoted\"\r")
        try await terminal.wait(for: #"^< "quoted"$"#)
        try await terminal.send("/ping p\r")
        try await terminal.wait(for: "^pong after")
        try await terminal.send("/record stop\r")
        try await terminal.wait(for: "^recorded to ")
        try await terminal.send("not recorded\r")
        try await terminal.wait(for: "^< not recorded$")
        let events = try folder.read("log").split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(events.map { $0["event"] as? String } == ["open", "message", "message", "ping", "pong"])
        #expect(events.map { $0["direction"] as? String } == [nil, "sent", "received", "sent", "received"])
        #expect(events[2]["data"] as? String == "\"quoted\"")
        #expect(events[4]["rtt_ms"] as? Double != nil)
        let script = try await Program.run(["test", "--from", folder.path + "/log"])
        #expect(script.status == 0, "\(script)")
        #expect(script.text == "connect echo:\n> \"quoted\"\n< \"quoted\"\nping p\npong\n", "\(script)")
        try await terminal.send("/record \(folder.path)/log\r/record \(folder.path)/b\r")
        try await terminal.wait(for: #"^recorded to .*log\nrecording to .*/b; "#)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/log")[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("/reconnect reopens the connection or connects to another server, and keeps the session")
    func reconnect() async throws {
        let terminal = try await start()
        try await terminal.send("/reconnect\r")
        try await terminal.wait(for: #"(^closed: 1000 [\s\S]*)(^connected to )"#)
        try await terminal.send("again\r")
        try await terminal.wait(for: "^< again$")
        try await terminal.send("/reconnect ws://127.0.0.1:1\r")
        try await terminal.wait(for: #"^cannot connect to 127.0.0.1:1: [\s\S]*^disconnected> *$"#)
        // The server requested last is the one that is tried again.
        try await terminal.send("/info\r")
        try await terminal.wait(for: #"^not connected; .* ws://127\.0\.0\.1:1/$"#)
        try await terminal.send("/reconnect\r")
        try await terminal.wait(for: #"(^cannot connect to 127.0.0.1:1: [\s\S]*){2}^disconnected> *$"#)
        try await terminal.send("lost\r")
        try await terminal.wait(for: "^not sent .*: lost$")
        try await terminal.send("/reconnect htp://x\r")
        try await terminal.wait(for: #"URL "htp://x": "#)
        try await terminal.send("/quit\r")
        #expect(try await terminal.exitStatus() == 0)
    }

    @Test("Tab completes commands, settings, close codes, file names and words of earlier messages")
    func completion() async throws {
        let folder = try Folder()
        _ = try folder.write("", to: "message.json")
        // The path of the folder may be long.
        let terminal = try await start(columns: 250)
        for (typed, shown) in [
            ("/his\t", #"^> /history $"#), ("/set pr\t", #"^> /set pretty $"#),
            ("/set pretty o\tn", "^> /set pretty on$"),
            ("/close 101\t", #"^1010 mandatory extension [\s\S]*1014 bad gateway\n> /close 101$"#),
            ("/close 1001\t", #"^> /close 1001 $"#), ("/send \(folder.path)/mes\t", #"message.json $"#),
            ("/help qu\t", "^> /help quit $"),
        ] {
            try await terminal.send(typed)
            try await terminal.wait(for: shown.replacingOccurrences(of: " $", with: " *$"))
            try await terminal.send("\u{15}")
        }
        try await terminal.send("an unmistakable word\r")
        try await terminal.wait(for: "^< an unmistakable word$")
        try await terminal.send("say unm\t!\r")
        try await terminal.wait(for: "^< say unmistakable!$")
    }

    @Test("The history keeps multi-line entries, and skips repeated lines and lines that begin with a space")
    func history() async throws {
        let folder = try Folder()
        let state = ["XDG_STATE_HOME": folder.path]
        let first = try await start(environment: state)
        for line in ["one", "one", " secret", "back\\slash"] {
            try await first.send(line + "\r")
            try await first.wait(for: "^< \(NSRegularExpression.escapedPattern(for: line))$")
        }
        try await first.send("\u{1B}[200~two\nlines\u{1B}[201~\r")
        try await first.wait(for: "^< two\n  lines$")
        try await first.send("\u{4}")
        _ = try await first.exitStatus()
        #expect(try folder.read("wsline/history") == "one\nback\\\\slash\ntwo\\nlines\n")
        let file = try FileManager.default.attributesOfItem(atPath: folder.path + "/wsline/history")
        #expect(file[.posixPermissions] as? Int == 0o600)

        let second = try await start(environment: state)
        try await second.send("\u{1B}[A")
        try await second.wait(for: "^> two\nlines$")
        try await second.send("\u{1B}[A\u{1B}[A\r")
        try await second.wait(for: "^< one$")
        try await second.send("/history lines\r")
        try await second.wait(for: #"^> /history lines\n3  two\\nlines\n> *$"#)
        try await second.send("/history nosuch\r")
        try await second.wait(for: #"^no line in the history contains "nosuch"$"#)
        // Lines of another session are kept.
        let third = try await start(environment: state)
        try await third.send("third\r")
        try await third.wait(for: "^< third$")
        try await second.send("second\r")
        try await second.wait(for: "^< second$")
        let kept = try folder.read("wsline/history")
        #expect(kept.hasSuffix("/history lines\n/history nosuch\nthird\nsecond\n"), "\(kept)")
    }

    @Test("/history announces when it shows only the last lines")
    func longHistory() async throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path + "/wsline", withIntermediateDirectories: true)
        _ = try folder.write((1...150).map { "line \($0)\n" }.joined(), to: "wsline/history")
        let terminal = try await start(environment: ["XDG_STATE_HOME": folder.path])
        try await terminal.send("/history\r")
        try await terminal.wait(for: "^149  line 149\n150  line 150\n151  /history$")
        let lines = try await terminal.lines()
        let start = try #require(lines.firstIndex { $0.hasPrefix("the last 100 of 151 lines; /history TEXT ") })
        #expect(lines[start + 1] == " 52  line 52")
    }

    @Test("--no-history keeps no lines, and a history that cannot be created does not end the session")
    func withoutHistory() async throws {
        let folder = try Folder()
        let terminal = try await start(["--no-history", "echo:"], environment: ["XDG_STATE_HOME": folder.path])
        try await terminal.send("one\r")
        try await terminal.wait(for: "^< one$")
        try await terminal.send("/history\r")
        try await terminal.wait(for: "^1  one\n2  /history$")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/wsline"))
        let file = try folder.write("", to: "file")
        let other = try await start(environment: ["XDG_STATE_HOME": file])
        try await other.send("two\r")
        try await other.wait(for: "^< two$")
        try await other.wait(for: "^cannot save the (line to the )?history: ")
    }

    @Test(
        "/close sends the reason without the quotes around it",
        arguments: [
            (#"/close 4001 "two words""#, "two words"), ("/close 4001 two words", "two words"),
            (#"/close 4001 say "hi""#, #"say "hi""#), (#"/close 4001 "a" or "b""#, #""a" or "b""#),
            (#"/close 4001 """#, ""), (#"/close 4001 ""#, "\""),
        ]
    )
    func closeReason(typed: String, reason: String) async throws {
        let (frames, received) = AsyncStream.makeStream(of: [UInt8].self)
        try await RawServer.run { client in
            defer { received.finish() }
            try await client.upgrade()
            let payload = try await client.readToClose()
            received.yield(payload)
            try await client.write(ServerFrame.frame(0x88, payload))
        } _: { port in
            let terminal = try await start(["--no-history", "127.0.0.1:\(port)"])
            try await terminal.send(typed + "\r")
            #expect(try await terminal.exitStatus() == 0)
        }
        #expect(await frames.first { _ in true } == [0x0F, 0xA1] + reason.utf8)
    }

    @Test("Ctrl-S pauses the display but not the connection, and Ctrl-Q shows everything missed")
    func stopped() async throws {
        let terminal = try await start(["-P", "echo:"])
        try await terminal.send("\u{13}")
        try await terminal.wait(for: #"^\[paused, Ctrl-Q resumes\] > *$"#)
        for number in 1...5 { try await terminal.send("message \(number)\r") }
        try await terminal.wait(for: "> message 5\n")
        #expect(try await !terminal.screen().rows.contains("< message 1"))
        try await terminal.send("\u{11}")
        try await terminal.wait(for: "^< message 1\n< message 2\n< message 3\n< message 4\n< message 5\n> *$")
    }

    @Test("Output is colored at a terminal unless NO_COLOR is set", arguments: [("", true), ("1", false)])
    func colors(noColor: String, isColored: Bool) async throws {
        let terminal = try await start(["--pretty", "echo:"], environment: ["NO_COLOR": noColor])
        try await terminal.send("{\"key\":\"a\\u001b[31mb\"}\r")
        try await terminal.wait(for: #"^< \{\n    "key": "a\\u001b\[31mb"\n  \}$"#)
        let transcript = try await terminal.transcript()
        #expect(transcript.contains("\u{1B}[1m\"key\"\u{1B}[m") == isColored)
    }

    @Test("--json prints each event as one line, at a terminal and in a pipe")
    func json() async throws {
        let terminal = try await PseudoTerminal(Self.wsline, ["--json", "echo:"], columns: 200)
        try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
        try await terminal.send("half")
        try await terminal.wait(for: "^> half$")
        try await terminal.send("\r")
        try await terminal.wait(for: #""event":"message","direction":"received","type":"text","data":"half"\}$"#)

        try await terminal.send("/set pretty on\r")
        try await terminal.wait(for: "^/set pretty has no effect with --json$")

        let result = try await Program.run([
            "--json", "--close-reason", "bye", "-x", "a\u{1B}\"\u{202E}", "-1", "echo:",
        ])
        let events = try result.text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(events.map { $0["event"] as? String } == ["open", "message", "message", "close"])
        #expect(events[2]["data"] as? String == "a\u{1B}\"\u{202E}")
        #expect(!result.text.contains("\u{202E}"))
        #expect(events[3]["clean"] as? Bool == true && events[3]["code"] as? Int == 1000)
        #expect(events[3]["by"] as? String == "client" && events[3]["reason"] as? String == "bye")
        #expect(events.allSatisfy { ($0["time"] as? String)?.hasSuffix("Z") == true })
    }

    @Test(
        "Display options apply in a pipe",
        arguments: [
            (["--pretty"], #"{"a":[1,2.0]}"#, "{\n  \"a\": [\n    1,\n    2.0\n  ]\n}\n"),
            (["--pretty"], "no JSON", "no JSON\n"), (["-b", "--binary-as", "hex"], "ab", "6162\n"),
            (["-b", "--binary-as", "base64"], "ab", "YWI=\n"), (["-b"], "ab", "ab"),
            (["-b", "--binary-as", "raw"], "ab", "ab"), (["-b", "--framing", "lines"], "ab", "ab\n"),
            ([], "ab", "ab\n"),
            (["--pretty", "--color", "always"], #"{"a":1}"#, "{\n  \u{1B}[1m\"a\"\u{1B}[m: \u{1B}[36m1\u{1B}[m\n}\n"),
        ]
    )
    func pipe(options: [String], message: String, printed: String) async throws {
        let result = try await Program.run(options + ["-x", message, "-1", "echo:"])
        #expect(result.status == 0)
        #expect(result.text == printed)
    }

    @Test(
        "--timestamps prints local time at a terminal, and RFC 3339 with an offset in a pipe",
        arguments: [
            ("", #"^\d\d:\d\d:\d\d\.\d{3} a$"#), ("| cat", #"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+05:45 a$"#),
        ]
    )
    func timestamps(pipe: String, shown: String) async throws {
        let script = "TZ=XYZ-5:45 \"$0\" --timestamps -x a -1 echo: < /dev/null \(pipe)"
        let terminal = try await PseudoTerminal("/bin/sh", ["-c", script, Self.wsline])
        try await terminal.wait(for: shown)
    }

    @Test("--timestamps also prints the time before entered lines")
    func timestampsOfSentMessages() async throws {
        let terminal = try await start(["--timestamps", "echo:"])
        try await terminal.send("now\r")
        try await terminal.wait(for: #"^\d\d:\d\d:\d\d\.\d{3} > now\n\d\d:\d\d:\d\d\.\d{3} < now\n> *$"#)
    }

    @Test("Notices and errors are also written to standard error if it is a file")
    func standardErrorIsFile() async throws {
        let folder = try Folder()
        let script = "\"$0\" --no-history echo: 2> \(folder.path)/error"
        let terminal = try await PseudoTerminal("/bin/sh", ["-c", script, Self.wsline])
        try await terminal.wait(for: #"^connected to [\s\S]*^> *$"#)
        try await terminal.send("/reconnect ws://127.0.0.1:1\r")
        try await terminal.wait(for: #"^cannot connect [\s\S]*^disconnected> *$"#)
        try await terminal.send("\u{4}")
        #expect(try await terminal.exitStatus() == 0)
        let lines = try folder.read("error").split(separator: "\n")
        let starts = ["connected to ", "closed: 1000", "cannot connect to 127.0.0.1:1: "].map { "wsline: " + $0 }
        #expect(lines.count == starts.count && zip(lines, starts).allSatisfy { $0.hasPrefix($1) }, "\(lines)")
    }

    @Test(
        "Closed descriptors are harmless or reported, and a full disk is an error",
        arguments: [
            ("<&-", "^hello\nstatus 0$"), ("2>&- <&-", "^hello\nstatus 0$"),
            (">&-", "^wsline: writing to standard output failed: bad file descriptor\nstatus 74$"),
        ]
            + (FileManager.default.fileExists(atPath: "/dev/full")
                ? [(">/dev/full", "^wsline: writing to standard output failed: no space left on device\nstatus 74$")]
                : [])
    )
    func closedDescriptors(redirections: String, shown: String) async throws {
        let script = "\"$0\" -x hello -1 echo: \(redirections); echo \"status $?\""
        let terminal = try await PseudoTerminal("/bin/sh", ["-c", script, Self.wsline])
        try await terminal.wait(for: shown)
    }
}
