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
    /// The words in brackets after the name.
    package var tags: [String] = []
    /// The reason why the test does not run; nil if it does.
    package var skipReason: String?
    package var statements: [Statement]
    /// The statements that run at the end, also after a failure.
    package var cleanup: [Statement] = []

    /// Creates a test.
    init(name: String, line: ScriptLine, statements: [Statement]) {
        self.name = name
        self.line = line
        self.statements = statements
    }

    /// All statements, with those inside of loops.
    package var allStatements: [Statement] { (statements + cleanup).flatMap(\.all) }

    /// The statements that run a command.
    package var commands: [Statement] {
        allStatements.filter { statement in
            switch statement.step {
            case .run, .set(_, .command): true
            case .connect(let target): ScriptTarget.runsCommands(target)
            default: false
            }
        }
    }

    /// Whether the test opens a connection before its `finally` part.
    package var hasConnect: Bool {
        statements.flatMap(\.all).contains { if case .connect = $0.step { true } else { false } }
    }

    /// The checks of the opening handshake of a connection.
    func handshakeChecks(on connection: String) -> [HandshakeCheck] {
        allStatements.compactMap { statement in
            if case .handshake(let check) = statement.step, statement.connection == connection { check } else { nil }
        }
    }

    /// Whether a statement says that some message must never arrive.
    func prohibits(on connection: String) -> Bool {
        allStatements.contains { statement in
            if case .expectNever = statement.step { statement.connection == connection } else { false }
        }
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
    /// The lines of a block after the first one.
    var block: [ScriptLine] = []

    /// The statement and those inside of it.
    var all: [Statement] {
        guard case .loop(let loop) = step else { return [self] }
        return [self] + loop.body.flatMap(\.all)
    }

    /// Creates a problem at a place in the argument, which may be a block.
    func problem(atOffset offset: Int, _ message: String) -> ScriptProblem {
        guard !block.isEmpty else { return line.problem(at: column + offset, message) }
        var rest = offset
        for line in block {
            let length = line.source.count
            if rest <= length { return line.problem(at: rest + 1, message) }
            rest -= length + 1
        }
        return problem(message)
    }

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
    /// Expects a message before or after others, which are kept for later steps.
    case expectInAnyOrder(MessagePattern)
    /// Expects as many messages of any content.
    case expectAny(count: Int)
    /// Fails the test if such a message arrives at any time.
    case expectNever(MessagePattern)
    /// Answers each such message from here on.
    case answer(MessagePattern, Content)
    /// Hides such messages from other steps from here on.
    case ignore(MessagePattern)
    /// Sends a message again and again from here on.
    case every(Duration, Content)
    /// Ends the rules with a pattern, or all rules.
    case endRules(MessagePattern?)
    case handshake(HandshakeCheck)
    /// Gives a variable a value.
    case set(String, ValueSource)
    /// Tests values of the last message with a predicate.
    case check(ScriptPath, Template)
    /// Hides the value of a variable in reports.
    case secret(String)
    /// Runs a command, which must succeed.
    case run(String)
    case loop(Loop)
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
    /// JSON; sent without spaces and newlines, unless it is pretty.
    case json(Template, isPretty: Bool)
    /// A binary message in base64.
    case base64(Template)
    /// A binary message as a text with one character for each byte (Latin-1).
    case bytes(Template)
    /// Hexadecimal digits, two for each byte.
    case hex(Template)
    /// The content of a file; sent as text if it is valid UTF-8 and `asBinary` is false.
    case file(Template, asBinary: Bool)

    package var template: Template {
        switch self {
        case .text(let template), .hex(let template), .file(let template, _), .json(let template, _),
            .base64(let template), .bytes(let template):
            template
        }
    }
}

/// The pattern that a message has to match.
package enum MessagePattern: Equatable, Sendable {
    case exact(Content)
    case json(Template)
    case regex(Template)
    /// Hexadecimal digits with wildcards.
    case bytes(Template)
    /// A regular expression for a binary message, read as Latin-1.
    case binaryRegex(Template)

    package var template: Template {
        switch self {
        case .exact(let content): content.template
        case .json(let template), .regex(let template), .bytes(let template), .binaryRegex(let template): template
        }
    }
}

extension Step {
    /// The texts that can contain variables.
    package var templates: [Template] {
        patterns.map(\.template) + contents.map(\.template) + otherTemplates
    }

    /// The patterns of messages and other values.
    var patterns: [MessagePattern] {
        switch self {
        case .expect(let pattern), .skip(let pattern), .expectInAnyOrder(let pattern), .expectNever(let pattern),
            .answer(let pattern, _), .ignore(let pattern), .endRules(let pattern?):
            [pattern]
        case .handshake(let check): [check.pattern].compactMap { $0 }
        default: []
        }
    }

    /// The messages to send.
    var contents: [Content] {
        switch self {
        case .send(let content), .answer(_, let content), .every(_, let content): [content]
        default: []
        }
    }

    private var otherTemplates: [Template] {
        switch self {
        case .connect(let template), .ping(let template), .close(_, let template): [template]
        case .option(_, let template), .expectPing(let template), .expectClose(_, let template):
            [template].compactMap { $0 }
        case .handshake(let check): [check.subprotocol].compactMap { $0 }
        case .set(_, .text(let template)), .check(_, let template): [template]
        case .secret(let name): [Template(variable: name)]
        case .loop(let loop): loop.templates
        default: []
        }
    }

    /// Whether it is about a connection.
    var needsConnection: Bool {
        switch self {
        case .wait, .set(_, .text), .set(_, .command), .secret, .run, .loop, .timeout: false
        default: true
        }
    }

    /// Whether it runs a command.
    var isCommand: Bool {
        switch self {
        case .run, .set(_, .command): true
        default: false
        }
    }

    /// Whether it can be before the first test of a file, and is then part of each test.
    var canBeShared: Bool {
        if case .option = self { return true }
        if case .wait = self { return false }
        if case .loop = self { return false }
        return !needsConnection
    }
}
