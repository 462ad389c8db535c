import MessageText
import WebSocketProtocol

@testable import TestScript

/// Fuzzes recordings and the scripts generated from them.
///
/// The first byte selects the meaning of the rest: a recording, the NUL-separated texts of one, or the text of a
/// statement. Every generated line must parse to its original statement, and scripts must not contain invisible
/// characters.
enum RecordingTarget {
    static func run(_ input: UnsafeRawBufferPointer) {
        guard let choice = input.first else { return }
        let rest = Array(input.dropFirst())
        switch choice % 4 {
        case 0: check(rest)
        case 1: check(recording(of: rest.split(separator: 0, omittingEmptySubsequences: false).map(text)))
        default: check(step: text(rest[...].dropFirst()), rest.first ?? 0)
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func check(_ bytes: [UInt8]) {
        guard let recordings = try? Recording.parse(bytes, "fuzzed.jsonl"),
            let script = try? RecordedScript(of: recordings)
        else { return }
        let written = script.lines.compactMap { if case .step(let step, _) = $0 { step } else { nil } }
        guard let tests = ScriptParser.tests(in: script.text, side: .client) else {
            preconditionFailure("a line is wrong")
        }
        precondition(tests.count == RecordedSession.sessions(of: recordings).count, "a session is not one test")
        precondition(tests.flatMap(\.statements).map(\.step) == written, "a statement is read as another")
        precondition(!written.contains(where: reads), "a statement reads a file or runs a command")
        for name in written.flatMap(\.templates).flatMap(\.variables) {
            let isKnown = RecordedHandshake.variableNames.contains { name.hasPrefix($0) }
            let isDefined = ["*\(name)", "(?<\(name)>", "set \(name) "].contains { script.text.contains($0) }
            precondition(isKnown || isDefined, "a variable: \(name)")
        }
        let visible = script.text.unicodeScalars.allSatisfy { $0 == "\n" || !VisibleText.mustBeVisible($0) }
        precondition(visible, "something in the script is invisible")
    }

    private static func reads(_ step: Step) -> Bool {
        switch step {
        case .send(.file), .expect(.exact(.file)), .run, .set(_, .command): true
        default: false
        }
    }

    /// Returns a recording with each text in every place that a server controls.
    private static func recording(of texts: [String]) -> [UInt8] {
        var output: [UInt8] = []
        for text in [texts.first ?? ""] + texts {
            let events: [[(String, String)]] = [
                [("event", "message"), ("direction", "received"), ("type", "text"), ("data", text)],
                [("event", "message"), ("direction", "sent"), ("type", "text"), ("data", text)],
                [("event", "ping"), ("direction", "sent"), ("data", text)],
                [("event", "close"), ("reason", text), ("by", "server")],
                [("event", "close"), ("reason", text), ("by", "")],
            ]
            let open = [("event", "open"), ("url", text), ("subprotocol", "a"), ("connection", text)]
            for fields in output.isEmpty ? [open] : events {
                var writer = JSONObjectWriter(output: output)
                writer.field("headers", [text, "x: \(text)", "cookie: \(text)"])
                writer.field("time", "2026-11-23T12:00:00.000000Z")
                for (name, value) in fields { writer.field(name, value) }
                writer.field("code", 4000)
                writer.field("clean", true)
                output = writer.finish()
            }
        }
        return output
    }

    private static func check(step text: String, _ choice: UInt8) {
        guard let template = choice & 0x80 == 0 ? Template(literal: text) : try? Template(text) else { return }
        let steps: [Step] =
            [
                .send(.text(template)), .expect(.exact(.text(template))), .send(.hex(template)),
                .send(.file(template, asBinary: false)), .expect(.json(template)), .expect(.regex(template)),
                .skip(to: .exact(.text(template))), .skip(to: .json(template)), .skip(to: .regex(template)),
                .ping(template), .expectPing(template), .close(.normalClosure, reason: template),
                .expectClose(nil, reason: template), .connect(template),
            ] + ConnectionOption.allCases.map { .option($0, template) }
        let step = steps[Int(choice & 0x7F) % steps.count]
        guard let line = try? ScriptWriter.line(step) else { return }
        let tests = ScriptParser.tests(in: "connect ws://h/\n\(line)\nclose\n", side: .client)
        let statements = (tests ?? []).flatMap(\.statements)
        precondition(statements.count == 3 && statements[1].step == step, "the line is read as another: \(line)")
    }
}
