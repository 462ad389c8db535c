package import WebSocketProtocol

/// A script of `wsline test` or `serve --script`, read and checked.
package struct Script: Sendable {
    /// Which side of a connection a script plays.
    package enum Side: Sendable {
        case client, server
    }

    /// As the user named the file; `-` for standard input.
    package let path: String
    /// The folder that files in the script are relative to; empty for the current one.
    package let folder: String
    package let tests: [ScriptTest]
}

/// What stands between one `connect` or `==` and the next: it has its own connections, and passes or fails by itself.
package struct ScriptTest: Sendable {
    /// The name behind `==`, or the URL as the script has it.
    package let name: String
    /// The line that it begins at.
    package let line: ScriptLine
    package var statements: [Statement]

    package var hasConnect: Bool {
        statements.contains { if case .connect = $0.step { true } else { false } }
    }
}

/// A step of a test, with the place where it is written; the line `ping / pong` is two.
package struct Statement: Sendable {
    package let line: ScriptLine
    /// Where its argument begins, counted from 1.
    package let column: Int
    /// The name behind `@`; empty for the connection without one.
    package let connection: String
    package let step: Step

    /// Tells that its argument is not what it should be.
    package func problem(_ message: String) -> ScriptProblem { line.problem(at: column, message) }
}

/// What a statement asks for.
package enum Step: Equatable, Sendable {
    case connect(Template)
    case option(ConnectionOption, Template?)
    case timeout(Duration)
    case send(Content)
    case expect(MessagePattern)
    /// Passes messages over until one matches.
    case skip(to: MessagePattern)
    case expectSilence(Duration)
    case ping(Template)
    case expectPing(Template?)
    /// The pong of the last ping; within the statement's own time, or that of `timeout`.
    case expectPong(within: Duration?)
    case wait(Duration)
    case close(CloseCode, reason: Template)
    case expectClose(CloseCode?, reason: Template?)
}

/// A message as a script writes it.
package enum Content: Equatable, Sendable {
    case text(Template)
    /// Digits, two for a byte.
    case hex(Template)
    /// The content of a file; as text if it is UTF-8, unless it is to be binary.
    case file(Template, asBinary: Bool)

    package var template: Template {
        switch self {
        case .text(let template), .hex(let template), .file(let template, _): template
        }
    }
}

/// What a message is to be.
package enum MessagePattern: Equatable, Sendable {
    case exact(Content)
    case json(Template)
    case regex(Template)

    package var template: Template {
        switch self {
        case .exact(let content): content.template
        case .json(let template), .regex(let template): template
        }
    }
}

extension Step {
    /// The texts in which variables may stand.
    package var templates: [Template] {
        switch self {
        case .connect(let template), .ping(let template): [template]
        case .close(_, let template): [template]
        case .option(_, let template), .expectPing(let template), .expectClose(_, let template):
            [template].compactMap { $0 }
        case .send(let content): [content.template]
        case .expect(let pattern), .skip(let pattern): [pattern.template]
        case .timeout, .expectSilence, .expectPong, .wait: []
        }
    }
}
