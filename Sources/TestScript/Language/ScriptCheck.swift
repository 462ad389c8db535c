import MessageText
import WebSocketTransport
import WebSocketProtocol

/// Checks a test for mistakes that are independent of the server.
struct ScriptCheck {
    private typealias WrittenOption = (statement: Statement, option: ConnectionOption, value: Template?)

    /// A connection of the test, and its options.
    private struct Opened {
        let statement: Statement
        let isEcho: Bool
        var options: [WrittenOption]
        /// Whether an earlier statement has opened it.
        var isOpen = false
    }

    let folder: String
    let variable: (String) -> String?
    var problems: [ScriptProblem] = []
    /// Options before the first `connect`, which apply to all connections.
    private var common: [WrittenOption] = []
    private var opened: [String: Opened] = [:]
    var captured: Set<String> = []

    /// Finds the mistakes in a test.
    ///
    /// - Parameters:
    ///   - test: the test.
    ///   - side: the side of the connection that the test plays.
    ///   - folder: the folder that file names are relative to.
    ///   - variable: returns the value of a variable known before the run; nil for any other.
    /// - Returns: all mistakes.
    static func problems(
        of test: ScriptTest,
        _ side: Script.Side,
        folder: String,
        _ variable: (String) -> String?
    ) -> [ScriptProblem] {
        withoutActuallyEscaping(variable) { variable in
            var check = ScriptCheck(folder: folder, variable: variable)
            if side == .client, !test.hasConnect {
                check.problems.append(test.line.problem(at: 1, "the test \"\(test.name)\" has no connect statement"))
                return check.problems
            }
            for statement in test.statements + test.cleanup { check.check(statement, side) }
            for connection in check.opened.values { check.checkOptions(of: connection) }
            return check.withoutSecrets(test)
        }
    }

    private mutating func check(_ statement: Statement, _ side: Script.Side) {
        let outer = captured
        // The answer of a rule has the captures of its pattern, and no other statement has them.
        if case .answer(let pattern, _) = statement.step { check(pattern, statement) }
        checkVariables(of: statement)
        switch side {
        case .client: checkConnection(of: statement)
        case .server: checkServed(statement)
        }
        checkArgument(of: statement)
        if case .answer = statement.step { captured = outer }
        if case .loop(let loop) = statement.step {
            for statement in loop.body { check(statement, side) }
        }
    }

    private init(folder: String, variable: @escaping (String) -> String?) {
        self.folder = folder
        self.variable = variable
    }

    /// Returns the mistakes with the values of secret variables removed.
    private func withoutSecrets(_ test: ScriptTest) -> [ScriptProblem] {
        guard !problems.isEmpty else { return [] }
        let secrets = Secrets(
            among: Set(test.allStatements.flatMap(\.step.templates).flatMap(\.variables)),
            value: variable
        )
        return problems.map { problem in
            var problem = problem
            problem.message = secrets.hide(problem.message)
            return problem
        }
    }

    mutating func add(_ statement: Statement, _ message: String) {
        problems.append(statement.problem(message))
    }

    private mutating func addAtStart(_ statement: Statement, _ message: String) {
        problems.append(statement.line.problem(at: 1, message))
    }

    // MARK: Connections

    private mutating func checkConnection(of statement: Statement) {
        let name = statement.connection
        let words = name.isEmpty ? "connection" : "connection \(name)"
        switch statement.step {
        case .connect(let url):
            if let other = opened[name] {
                let line = other.statement.line.number
                addAtStart(statement, "the \(words) is already opened in line \(line)")
            }
            opened[name] = Opened(statement: statement, isEcho: isEcho(url, statement), options: common)
        case .option(let option, let value):
            if opened[name]?.isOpen == true {
                addAtStart(
                    statement,
                    "\(option.rawValue) must be before the first message of the \(words)"
                )
            } else if opened[name] != nil {
                opened[name]?.options.append((statement, option, value))
            } else if name.isEmpty, opened.isEmpty {
                common.append((statement, option, value))
            } else {
                addAtStart(statement, "expected connect URL before the options of the connection")
            }
        case .timeout: break
        default:
            if statement.step.needsConnection, opened[name] == nil {
                let connect = name.isEmpty ? "connect URL" : "@\(name) connect URL"
                addAtStart(statement, "expected \(connect) before this statement")
                return
            }
            // A statement that is not an option opens all connections.
            for name in opened.keys { opened[name]?.isOpen = true }
        }
    }

    private mutating func checkServed(_ statement: Statement) {
        if !statement.connection.isEmpty {
            addAtStart(statement, "a script for serve has only one connection, without a name")
        }
        switch statement.step {
        case .connect:
            addAtStart(statement, "connect is not allowed in a script for serve, which runs when a client connects")
        case .option(let option, _):
            addAtStart(statement, "\(option.rawValue) is not allowed in a script for serve; use the options of serve")
        default: break
        }
    }

    /// Parses a URL and returns whether it is `echo:`.
    private mutating func isEcho(_ url: Template, _ statement: Statement) -> Bool {
        let profile: String?
        do throws(FileError) {
            profile = try ScriptTarget.profile(url)?.url
        } catch {
            add(statement, error.message)
            return false
        }
        guard let text = profile ?? expanded(url) else { return false }
        do throws(InvalidValue) {
            return try ScriptTarget.read(text) == nil
        } catch {
            add(statement, Secrets.words(error.description, about: [url]))
            return false
        }
    }

    /// Parses the option values of a connection, and checks that the options can be used together.
    private mutating func checkOptions(of connection: Opened) {
        let conflicts = OptionSpelling.script.conflicts(in: connection.options.map(\.option))
        for (index, (statement, option, value)) in connection.options.enumerated() {
            // The value of a captured variable is not known yet.
            let text = value.map(expanded) ?? ""
            guard let text else { continue }
            do throws(InvalidValue) {
                if let source = value?.source, option.command(in: source) != nil {
                    throw InvalidValue("a script runs commands with set: set TOKEN !COMMAND, then use ${TOKEN}")
                }
                let setting = try option.literalSetting(text)
                if let conflict = conflicts.first(where: { $0.index == index }) {
                    add(statement, conflict.message)
                    continue
                }
                // Options of all connections may be meant for the others.
                if connection.isEcho, index >= common.count, let fault = setting.faultWithEcho(.script) {
                    add(statement, fault)
                }
                check(option, text, statement)
            } catch {
                let words = OptionSpelling.script.explain(error, option, text)
                add(statement, Secrets.words(words, about: [value].compactMap { $0 }))
            }
        }
    }

    /// Finds mistakes specific to scripts.
    private mutating func check(_ option: ConnectionOption, _ text: String, _ statement: Statement) {
        if option.value == .file { checkReadable(UserPath.resolve(text, in: folder), statement) }
        if option == .auth, !text.contains(":"), text.first != "@" {
            add(statement, "a script cannot prompt for a password; write auth USER:PASSWORD")
        }
        if option == .passphrase, text == "-" {
            add(statement, "a script cannot prompt for a passphrase; write passphrase TEXT or passphrase @FILE")
        }
    }

    mutating func checkReadable(_ path: String, _ statement: Statement) {
        do throws(FileError) {
            _ = try InputFile.read(path)
        } catch {
            add(statement, error.message)
        }
    }

    // MARK: Variables

    /// Returns the text with its variables replaced; nil if one of them is captured later or the text would be too
    /// long.
    func expanded(_ template: Template) -> String? {
        guard template.variables.allSatisfy({ variable($0) != nil && !captured.contains($0) }) else { return nil }
        return try? template.expanded(variable)
    }

    private mutating func checkVariables(of statement: Statement) {
        for template in statement.step.templates {
            do throws(InvalidValue) {
                _ = try template.expanded(variable)
            } catch {
                add(statement, error.description)
            }
        }
        for name in statement.step.templates.flatMap(\.variables)
        where variable(name) == nil && !captured.contains(name) {
            let place = ([statement.line] + statement.block).lazy.compactMap { line in
                line.source.firstRange(of: "${\(name)}").map { (line, column: line.column(of: $0.lowerBound)) }
            }.first
            problems.append(
                (place?.0 ?? statement.line).problem(
                    at: place?.column ?? statement.column,
                    "unknown variable \(name); set it with --set \(name)=VALUE, in the environment, or in an earlier "
                        + "statement: set \(name) VALUE, or a group (?<\(name)>…) of <~"
                )
            )
        }
    }
}
