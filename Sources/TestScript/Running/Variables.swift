import MessageText

/// The variables of a test, looked up in this order: captured values, `--set`, the environment.
package struct Variables: Sendable {
    private let given: [String: String]
    private var captured: [String: String] = [:]
    /// The variables that `secret` names.
    private var concealed: Set<String> = []
    /// Earlier values of secrets, the oldest first; messages in a report can contain them.
    private var former: [(source: String, value: String)] = []
    private static let formerLimit = 100
    private let counter = Counter()

    /// Creates the variables of a new test.
    ///
    /// - Parameter given: the variables set with `--set`.
    package init(given: [String: String]) {
        self.given = given
    }

    package subscript(name: String) -> String? { captured[name] ?? given[name] ?? Environment.variable(name) }

    /// The maximum size of all captured values together, in bytes.
    static let sizeLimit = 64 << 20
    private var size = 0

    /// Stores the value of a named group of a regular expression.
    ///
    /// - Returns: false if the values would exceed the size limit.
    mutating func capture(_ name: String, _ value: String) -> Bool {
        size += value.utf8.count - (captured[name]?.utf8.count ?? 0)
        guard size <= Self.sizeLimit else { return false }
        if let last = captured.updateValue(value, forKey: name), Redaction.isSecret(name) || concealed.contains(name) {
            if last.utf8.count <= 1 << 16 { former.append((name, last)) }
            if former.count > Self.formerLimit { former.removeFirst() }
        }
        return true
    }

    /// Returns the values that reports must not contain.
    ///
    /// - Parameter statements: all statements of the test.
    func secrets(of statements: [Statement]) -> Secrets {
        let templates = statements.flatMap(\.step.templates)
        var names = Set(templates.flatMap(\.variables)).union(captured.keys).union(given.keys)
        // A command can print each variable of its environment.
        if statements.contains(where: \.step.isCommand) { names.formUnion(Environment.all.keys) }
        let functions = templates.flatMap(\.functions).compactMap { function in
            let isSecret = function.variables.contains { Redaction.isSecret($0) || concealed.contains($0) }
            return isSecret ? (try? function.value({ self[$0] }) { 0 }).map { (function.source, $0) } : nil
        }
        return Secrets(among: names, concealed: concealed, functions: functions + former) { self[$0] }
    }

    /// Makes a variable a secret from here on.
    mutating func conceal(_ name: String) { concealed.insert(name) }

    /// Replaces the variables and functions of a template by values.
    ///
    /// - Parameter escape: changes each value before it is inserted.
    /// - Throws: `InvalidValue` if the text would be too long, or a function has no value.
    func expand(
        _ template: Template,
        escape: (String) -> String = { $0 }
    ) throws(InvalidValue) -> String {
        try template.expanded({ self[$0].map(escape) }) { function throws(InvalidValue) in
            escape(try function.value({ self[$0] }, counter.next))
        }
    }

    /// The maximum size of a variable in the environment of a command, in bytes; Linux allows 128 KiB.
    private static let environmentLimit = 100 << 10

    /// Returns the environment of a command: that of this process and the variables.
    ///
    /// - Throws: `InvalidValue` if a value that the command uses is too long, or contains a NUL.
    func environment(for command: String) throws(InvalidValue) -> [String: String] {
        var environment = Environment.all
        for (name, value) in given.merging(captured, uniquingKeysWith: { $1 }) {
            if value.utf8.count <= Self.environmentLimit, !value.utf8.contains(0) {
                environment[name] = value
            } else if command.contains(name) {
                throw InvalidValue(
                    "the value of \(name) is longer than \(Self.environmentLimit >> 10) KiB or contains a NUL, so that no "
                        + "command can have it in its environment"
                )
            }
        }
        return environment
    }
}
