import MessageText
import SystemPackage

/// Execution of statements about variables and commands.
extension TestRun {
    /// Runs a statement that needs no connection; returns false for any other statement.
    mutating func performValue(_ statement: Statement) async throws(TestFailure) -> Bool {
        switch statement.step {
        case .set(let name, .text(let template)): try keep(try text(template, statement), as: name, statement)
        case .set(let name, .command(let command, let path)):
            let output = try await run(command, statement)
            let text = try value(statement) { () throws(InvalidValue) in
                guard let text = String(validating: output, as: UTF8.self) else {
                    throw InvalidValue("the output of the command is not UTF-8")
                }
                return try path?.value(in: text) ?? text.withoutLastNewline
            }
            try keep(text, as: name, statement)
        case .run(let command): _ = try await run(command, statement)
        case .secret(let name): variables.conceal(name)
        default: return false
        }
        return true
    }

    /// Sets a variable to a value in the last message.
    mutating func set(
        _ name: String,
        _ path: ScriptPath,
        _ peer: ScriptPeer,
        _ statement: Statement
    ) throws(TestFailure) {
        let message = try lastMessage(peer, statement)
        try keep(
            try value(statement) { () throws(InvalidValue) in try path.value(in: message.text) },
            as: name,
            statement
        )
    }

    /// Checks a condition on the last message.
    func check(
        _ path: ScriptPath,
        _ condition: Template,
        _ peer: ScriptPeer,
        _ statement: Statement
    ) async throws(TestFailure) {
        let message = try lastMessage(peer, statement)
        let predicate = try value(statement) { () throws(InvalidValue) in
            try JSONPredicate(try variables.expand(condition))
        }
        let text = message.text
        let result = await AbandonableWork.run(within: timeout) {
            Result { () throws(InvalidValue) in
                try predicate.differences(at: path.path, in: try JSONValue(message: text))
            }
        }
        guard let result else {
            throw failure(statement, "the condition took longer than \(Seconds.words(timeout))")
        }
        let differences = try value(statement) { () throws(InvalidValue) in try result.get() }
        guard differences.isEmpty else {
            let lines = JSONDiff.lines(differences) + ["+ \(Excerpt.of(message))"]
            throw failure(statement, "the last message does not meet this condition", lines)
        }
    }

    /// Returns the last message received by a statement.
    func lastMessage(_ peer: ScriptPeer, _ statement: Statement) throws(TestFailure) -> ScriptMessage {
        guard let message = peer.lastMessage else {
            throw failure(statement, "no step has received a message before this one")
        }
        guard message.isText else {
            throw failure(statement, "the last message is binary", ["+ \(Excerpt.of(message))"])
        }
        return message
    }

    mutating func keep(_ value: String, as name: String, _ statement: Statement) throws(TestFailure) {
        guard variables.capture(name, value) else {
            let limit = "all values together can have \(Variables.sizeLimit >> 20) MiB"
            throw failure(statement, "the value of \(name) is too long: \(value.utf8.count) bytes; \(limit)")
        }
    }

    // MARK: Commands

    /// Runs a command and returns its standard output.
    private mutating func run(_ text: String, _ statement: Statement) async throws(TestFailure) -> [UInt8] {
        let environment = try value(statement) { () throws(InvalidValue) in try variables.environment(for: text) }
        let command = ShellCommand(text: text, folder: folder, environment: environment)
        let outcome: ShellCommand.Outcome
        do throws(Errno) {
            outcome = try await command.run(within: timeout)
        } catch {
            throw failure(statement, "the command cannot be started: \(InputFile.systemError(error))")
        }
        if let group = outcome.group { processGroups.append(group) }
        let reason: String
        switch outcome.end {
        case .exited(0): return outcome.output
        case .exited(let status): reason = "exited with status \(status)"
        case .timedOut: reason = "did not exit within \(Seconds.words(timeout))"
        case .wroteTooMuch: reason = "printed more than \(ShellCommand.outputLimit >> 20) MiB"
        }
        throw failure(statement, "the command \(reason)", outcome.errorLines.map { "+ \($0)" })
    }
}

extension String {
    fileprivate var withoutLastNewline: String {
        guard last?.isNewline == true else { return self }
        return String(dropLast())
    }
}
