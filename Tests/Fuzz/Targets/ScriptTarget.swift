import MessageText

@testable import TestScript

/// Fuzzes scripts of `wsline test` and `serve --script`.
///
/// A script must either parse or have at least one problem, and every problem must have a position in the text and be
/// printable. The paths, conditions and patterns of a script are evaluated on the messages that it sends.
enum ScriptTarget {
    private static let variables = [
        "A": "1", "NAME": "\"a\"\n${B} (", "URL": "ws://h/", "TLS": "wss://h/", "PORT": "80",
    ]

    static func run(_ input: UnsafeRawBufferPointer) {
        let bytes = Array(input)
        // Reading a device may never end; no seed names one.
        let text = String(decoding: bytes, as: UTF8.self)
        guard ["/dev", "/proc", "/sys"].allSatisfy({ !text.contains($0) }) else { return }
        for side in [Script.Side.client, .server] {
            switch ScriptFiles.parse(bytes, "fuzzed.ws", side, { variables[$0] }) {
            case .success(let script): check(script, bytes)
            case .failure(let problems): check(problems, bytes)
            }
        }
    }

    private static func lines(_ bytes: [UInt8]) -> [Substring] {
        let text = String(decoding: bytes, as: UTF8.self)
        return (text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...])
            .split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }

    private static func check(_ script: Script, _ bytes: [UInt8]) {
        let count = lines(bytes).count
        precondition(!script.tests.isEmpty, "a script without a test")
        for test in script.tests {
            precondition((1...count).contains(test.line.number), "a test begins outside the text")
            for statement in test.statements {
                precondition((1...count).contains(statement.line.number), "a statement stands outside the text")
                for template in statement.step.templates { _ = try? expanded(template) }
            }
            evaluate(test.allStatements)
        }
    }

    private static func expanded(_ template: Template) throws(InvalidValue) -> String {
        try template.expanded { variables[$0] }
    }

    /// The numbers of messages and statements to evaluate, and the maximum size of a message, which limit the time.
    private static let (messageLimit, statementLimit, sizeLimit) = (3, 10, 4096)

    private static func evaluate(_ statements: [Statement]) {
        let messages = statements.flatMap(\.step.contents).prefix(messageLimit).compactMap {
            try? expanded($0.template)
        }
        for message in messages where message.utf8.count <= sizeLimit {
            for statement in statements.prefix(statementLimit) {
                evaluate(statement.step, message)
                for pattern in statement.step.patterns { evaluate(pattern, message) }
            }
        }
    }

    private static func evaluate(_ step: Step, _ message: String) {
        switch step {
        case .set(_, .path(let path)): _ = try? path.value(in: message)
        case .check(let path, let condition):
            guard let predicate = try? JSONPredicate(expanded(condition)), predicate.isLinear,
                let document = try? JSONParser.parse(message.utf8)
            else { return }
            _ = try? predicate.differences(at: path.path, in: document)
        default: break
        }
    }

    private static func evaluate(_ pattern: MessagePattern, _ message: String) {
        guard let text = try? expanded(pattern.template) else { return }
        switch pattern {
        case .json:
            guard let pattern = try? JSONPattern(text), let document = try? JSONParser.parse(message.utf8) else {
                return
            }
            if case .matched(let captures) = pattern.match(document) {
                precondition(captures.keys.allSatisfy(pattern.captureNames.contains), "a capture without a name")
            }
        case .regex, .binaryRegex:
            if let expression = try? RegularExpression(text), expression.isLinear {
                _ = try? expression.matches(message)
            }
        case .bytes:
            guard let pattern = try? BytePattern(text), let captures = pattern.match(Array(message.utf8)) else {
                return
            }
            precondition(captures.count == pattern.groupNames.count, "a group without a value")
        case .exact: break
        }
    }

    private static func check(_ problems: ScriptProblems, _ bytes: [UInt8]) {
        precondition(!problems.list.isEmpty, "no script, and no problem")
        let lines = lines(bytes)
        var last = (line: 0, column: 0)
        for problem in problems.list {
            precondition((1...lines.count).contains(problem.line), "line \(problem.line) of \(lines.count)")
            let width = max(lines[problem.line - 1].count, problem.source.count)
            precondition((1...width + 1).contains(problem.column), "column \(problem.column) of \(width)")
            precondition((last.line, last.column) <= (problem.line, problem.column), "problems out of order")
            last = (problem.line, problem.column)
            precondition(!problem.message.isEmpty, "a problem without words")
            for line in problem.lines {
                precondition(!line.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a control character is shown")
            }
        }
    }
}
