import MessageText
import WebSocketProtocol

/// Writes statements as lines of a script.
///
/// Values may come from a server or from an untrusted file. Each line is parsed again: it is written only if that
/// yields the original statement and all of its characters are visible.
package enum ScriptWriter {
    /// The error for a statement that cannot be written as a line.
    package struct Unwritable: Error, Equatable {}

    /// Writes a statement.
    ///
    /// - Parameters:
    ///   - step: the statement.
    ///   - connection: the name after `@`; empty for the unnamed connection.
    /// - Returns: the line, without a line break.
    /// - Throws: `Unwritable` if no line represents the statement.
    package static func line(_ step: Step, on connection: String = "") throws(Unwritable) -> String {
        let prefix = connection.isEmpty ? "" : "@\(connection) "
        for form in forms(of: step) {
            let line = prefix + form
            if isRead(line, as: step, connection) { return line }
        }
        throw Unwritable()
    }

    /// Writes a comment.
    ///
    /// - Parameter text: any text; invisible characters and line breaks are escaped.
    /// - Returns: the line, without a line break.
    package static func comment(_ text: String) -> String {
        "# " + text.unicodeScalars.map { isPlain($0) ? String($0) : "\\u{\(hex($0.value))}" }.joined()
    }

    private static func isRead(_ line: String, as step: Step, _ connection: String) -> Bool {
        let source = ScriptLine(line, number: 1, path: "")
        guard line.utf8.count <= ScriptParser.lineLimit, line.unicodeScalars.allSatisfy(isPlain), !source.isEmpty,
            let statements = try? StatementParser.parse(source), statements.count == 1
        else { return false }
        return statements[0].step == step && statements[0].connection.utf8.elementsEqual(connection.utf8)
    }

    /// Whether a character is visible and not easily confused with another.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        guard !VisibleText.mustBeVisible(scalar), scalar.properties.generalCategory != .spaceSeparator else {
            return scalar == " "
        }
        return !scalar.properties.isDefaultIgnorableCodePoint
    }

    /// Returns the possible spellings of a statement, the simplest first.
    private static func forms(of step: Step) -> [String] {
        switch step {
        // A generated script must not use the profiles of the user, which have credentials.
        case .connect(let url): url.source.hasPrefix("@") ? [] : ["connect \(url.source)"]
        case .option(let option, let value): [words(option.rawValue, value)]
        case .timeout(let time): ["timeout \(words(time))"]
        case .wait(let time): ["wait \(words(time))"]
        case .send(let content): forms(of: content, ">")
        case .expect(.exact(let content)): forms(of: content, "<")
        case .expect(.json(let template)): [words("<json", template)]
        case .expect(.regex(let template)): [words("<~", template)]
        case .expect(.bytes(let template)): [words("<hex", template)]
        case .expect(.binaryRegex(let template)): [words("<~b", template)]
        case .skip(to: let pattern): sources(pattern).map { "<? \($0)" }
        case .expectSilence(let time): ["<! \(words(time))"]
        case .expectInAnyOrder(let pattern): sources(pattern).map { "<+ \($0)" }
        case .expectAny(count: let count): [count == 1 ? "<*" : "<* ×\(count)"]
        case .expectNever(let pattern): sources(pattern).map { "<- \($0)" }
        case .answer(let pattern, let content):
            sources(pattern).flatMap { pattern in forms(of: content, ">").map { "on \(pattern) \($0)" } }
        case .ignore(let pattern): sources(pattern).map { "ignore \($0)" }
        case .every(let time, let content): forms(of: content, ">").map { "every \(words(time)) \($0)" }
        case .endRules(let pattern): pattern.map { sources($0).map { "off \($0)" } } ?? ["off"]
        case .handshake(let check): forms(of: check)
        case .set(let name, .text(let text)): [words("set \(name)", text)]
        case .set(let name, .path(let path)): ["set \(name) \(path.path.source)"]
        case .check(let path, let condition): ["check \(path.path.source) \(condition.source)"]
        case .secret(let name): ["secret \(name)"]
        // A script that is written never runs a command.
        case .set(_, .command), .run, .loop: []
        case .ping(let data): [words("ping", data)]
        case .expectPing(let data): [words("<ping", data)]
        case .expectPong(within: let time): [time.map { "pong \(words($0))" } ?? "pong"]
        case .close(let code, let reason): [words("close \(code.rawValue)", reason)]
        case .expectClose(let code, let reason): [words(code.map { "<close \($0.rawValue)" } ?? "<close", reason)]
        }
    }

    /// Returns the possible spellings of a pattern after an operator or word.
    private static func sources(_ pattern: MessagePattern) -> [String] {
        let messages = forms(of: .expect(pattern)).filter { !$0.hasPrefix("< ") && $0 != "<" }
        return switch pattern {
        case .exact(.text(let template)): [template.source] + messages
        case .json(let template): [template.source]
        case .regex(let template): ["~\(template.source)"]
        case .exact, .bytes, .binaryRegex: messages
        }
    }

    private static func forms(of check: HandshakeCheck) -> [String] {
        switch check {
        case .refused(let status): [status.map { "<refused \($0)" } ?? "<refused"]
        case .certificateRejected: ["<refused tls"]
        case .body(let pattern): sources(pattern).map { "<body \($0)" }
        case .header(let name, let pattern):
            pattern.map(sources)?.map { "<header \(name) \($0)" } ?? ["<header \(name)"]
        case .open(let name): [words("<open", name)]
        case .subprotocol(let name): [words("<subprotocol", name)]
        case .compression(let isExpected): [isExpected ? "<compressed" : "<uncompressed"]
        }
    }

    private static func forms(of content: Content, _ sign: String) -> [String] {
        switch content {
        case .text(let template):
            [
                words(sign, template), "\(sign)string \(quoted(template.source, isPlain))",
                "\(sign)string \(quoted(template.source) { $0.isASCII && $0 != "#" && isPlain($0) })",
            ]
        case .json(let template, let isPretty): [words(isPretty ? ">json pretty" : ">json", template)]
        case .base64(let template): [words("\(sign)base64", template)]
        case .bytes(let template):
            ["\(sign)bytes \(quoted(template.source) { $0.isASCII && $0 != "#" && isPlain($0) })"]
        case .hex(let template): [words("\(sign)hex", template)]
        case .file(let name, let asBinary): [words(sign + (asBinary ? "binary" : "file"), name)]
        }
    }

    private static func words(_ word: String, _ template: Template?) -> String {
        guard let source = template?.source, !source.isEmpty else { return word }
        return "\(word) \(source)"
    }

    private static func words(_ time: Duration) -> String {
        let milliseconds = time / .milliseconds(1)
        return milliseconds == milliseconds.rounded() && milliseconds < 1e12
            ? "\(Int(milliseconds))ms" : "\(time / .seconds(1))s"
    }

    /// Returns a JSON string in which all characters that are not plain are escaped.
    private static func quoted(_ text: String, _ isPlain: (Unicode.Scalar) -> Bool) -> String {
        let characters = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case _ where isPlain(scalar): String(scalar)
            default: UTF16.encode(scalar)?.map { "\\u\(hex(UInt32($0)))" }.joined() ?? ""
            }
        }
        return "\"\(characters.joined())\""
    }

    /// Returns a hexadecimal number of at least four digits.
    private static func hex(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
