package import WebSocketProtocol

/// A parsed and checked script for `wsline test` or `serve --script`.
package struct Script: Sendable {
    /// The side of a connection that a script plays.
    package enum Side: Sendable {
        case client, server
    }

    /// The file name given by the user; `-` for standard input.
    package let path: String
    /// The folder that file names in the script are relative to; empty for the current folder.
    package let folder: String
    package let tests: [ScriptTest]
}

/// One test of a script: everything from one `connect` or `==` to the next. It has its own connections and passes or
/// fails independently.
package struct ScriptTest: Sendable {
    /// The name after `==`, or the URL as written.
    package let name: String
    /// The first line of the test.
    package let line: ScriptLine
    /// The words in brackets behind its name.
    package var tags: [String] = []
    package var statements: [Statement]

    package var hasConnect: Bool {
        statements.contains { if case .connect = $0.step { true } else { false } }
    }
}

/// A step of a test and its position in the script. The line `ping / pong` has two statements.
package struct Statement: Sendable {
    package let line: ScriptLine
    /// The column of the argument, counted from 1.
    package let column: Int
    /// The name after `@`; empty for the unnamed connection.
    package let connection: String
    package let step: Step

    /// Creates a problem at the position of the argument.
    package func problem(_ message: String) -> ScriptProblem { line.problem(at: column, message) }
}

/// The action or expectation of a statement.
package enum Step: Equatable, Sendable {
    case connect(Template)
    case option(ConnectionOption, Template?)
    case timeout(Duration)
    case send(Content)
    case expect(MessagePattern)
    /// Skips messages until one matches.
    case skip(to: MessagePattern)
    case expectSilence(Duration)
    case ping(Template)
    case expectPing(Template?)
    /// Expects the pong of the last ping, within the given time or that of `timeout`.
    case expectPong(within: Duration?)
    case wait(Duration)
    case close(CloseCode, reason: Template)
    case expectClose(CloseCode?, reason: Template?)
}

/// A message as written in a script.
package enum Content: Equatable, Sendable {
    case text(Template)
    /// Hexadecimal digits, two for each byte.
    case hex(Template)
    /// The content of a file; sent as text if it is valid UTF-8 and `asBinary` is false.
    case file(Template, asBinary: Bool)

    package var template: Template {
        switch self {
        case .text(let template), .hex(let template), .file(let template, _): template
        }
    }
}

/// The pattern that a message has to match.
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
    /// The texts that may contain variables.
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
