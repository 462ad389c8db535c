import MessageText

/// Parses the lines of a configuration file.
struct ConfigParser {
    /// Whether an option takes a value.
    enum Rule {
        case none, required, optional
    }

    /// The options of `connect` that are no options of connections, and the settings of `/set`.
    static let otherOptions: [String: Rule] = [
        "execute": .required, "every": .required, "binary": .none, "framing": .required,
        "wait": .required, "timeout": .required,
        "pretty": .optional, "timestamps": .optional, "binary-as": .required, "color": .required,
        "no-color": .none, "show-ping-pong": .optional, "quiet": .none, "verbose": .optional,
        "fold": .required, "numbers": .optional, "check-json": .required,
        "filter": .required, "hide": .required, "select": .required, "select-only": .optional, "on": .required,
        "record": .required, "no-history": .none, "scrollback": .required,
        "ping-interval": .required, "ping-timeout": .required, "reconnect": .optional, "exit": .none,
        "close-code": .required, "close-reason": .required,
    ]

    /// The options of `connect` that concern a single run, and cannot be used in the file.
    static let excludedOptions: Set<String> = [
        "interactive", "receive-only", "echo", "null", "one", "count", "send-only", "expect", "max-time",
        "show-secrets", "json", "no-config", "protocol",
    ]

    /// The options that only profiles can have, because they concern the messages of one server.
    private static let profileOptions: Set<String> = ["url", "execute", "every", "on", "binary", "framing"]
    /// The options that can be repeated, beside those of connections.
    private static let repeatableOptions: Set<String> = ["execute", "every", "on", "filter", "hide"]

    var file: ConfigFile
    let variable: (String) -> String?
    /// The name of the section; nil before the first one.
    private var section: String?
    /// The lines of sections, and of the names in the section.
    private var sections: [String: Int] = [:]
    private var names: [String: Int] = [:]

    init(file: ConfigFile, variable: @escaping (String) -> String?) {
        (self.file, self.variable) = (file, variable)
    }

    /// Reads a line.
    ///
    /// - Parameters:
    ///   - line: the line.
    ///   - isAboutVariables: whether to read only the section of variables, or all others.
    /// - Throws: `FileError` for a mistake.
    mutating func take(_ line: ScriptLine, isAboutVariables: Bool) throws(FileError) {
        guard !line.isEmpty else { return }
        var line = line
        if line.rest.first == "[" {
            let name = try Self.section(&line)
            if let first = sections.updateValue(line.number, forKey: name) {
                throw Self.problem(line, 1, "the section [\(name)] already begins at line \(first); join the two")
            }
            (section, names) = (name, [:])
            if !ConfigFile.otherSections.contains(name), file.profiles[name] == nil { file.profiles[name] = .init() }
            return
        }
        guard (section == "variables") == isAboutVariables else { return }
        let column = line.column
        let name = String(line.takeWord())
        if !isRepeatable(name), let first = names.updateValue(line.number, forKey: name) {
            throw Self.problem(line, column, "\(name) is already set at line \(first); remove one of the two lines")
        }
        switch section {
        case "variables":
            guard Template.isName(name) else {
                throw Self.problem(line, column, "invalid variable name \"\(name)\"; use letters, digits and _")
            }
            file.variables[name] = String(line.rest)
        case "snippets":
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }), !line.rest.isEmpty else {
                let expected = "a name of letters, digits, - and _, and the text of a snippet"
                throw Self.problem(line, column, "expected \(expected)")
            }
            file.snippets[name] = String(line.rest)
        case nil:
            guard !Self.profileOptions.contains(name) else {
                throw Self.problem(line, column, "\(name) must be in a profile, below [NAME]")
            }
            file.entries.append(try entry(name, line, column))
        case let profile?:
            let entry = try entry(name, line, column)
            if name == "url" {
                file.profiles[profile, default: .init()].url = entry
            } else {
                file.profiles[profile, default: .init()].entries.append(entry)
            }
        }
    }

    /// Whether a name can be on several lines of the section.
    private func isRepeatable(_ name: String) -> Bool {
        guard section.map(ConfigFile.otherSections.contains) != true else { return false }
        return Self.repeatableOptions.contains(name) || ConnectionOption(rawValue: name)?.isRepeatable == true
    }

    private static func section(_ line: inout ScriptLine) throws(FileError) -> String {
        let column = line.column
        _ = line.takes("[")
        let name = line.take { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." }
        guard !name.isEmpty, line.rest.trimmingSpaces == "]" else {
            throw problem(line, column, "expected a section such as [prod], [snippets] or [variables]")
        }
        return String(name)
    }

    private func entry(_ name: String, _ line: ScriptLine, _ column: Int) throws(FileError) -> ConfigFile.Entry {
        let rule: Rule
        if let option = ConnectionOption(rawValue: name) {
            rule =
                switch option.value {
                case .none: .none
                case .optionalText: .optional
                // Without a value, the user is asked for the passphrase, and no proxy is used.
                case .textOrFile where option == .passphrase || option == .proxy: .optional
                case .text, .file, .textOrFile: .required
                }
        } else if name == "url" {
            rule = .required
        } else if let other = Self.otherOptions[name] {
            rule = other
        } else if Self.excludedOptions.contains(name) {
            throw Self.problem(line, column, "\(name) cannot be used in the configuration file")
        } else {
            let known = ConnectionOption.allCases.map(\.rawValue) + Self.otherOptions.keys.sorted() + ["url"]
            let near = nearNames(to: name, of: known)
            let hint =
                name.hasPrefix("-")
                ? "options are written without dashes"
                : near.isEmpty ? "man wsline lists them" : "did you mean \(near.joined(separator: " or "))?"
            throw Self.problem(line, column, "unknown option \"\(name)\"; \(hint)")
        }
        if rule == .none, !line.rest.isEmpty { throw Self.problem(line, line.column, "\(name) takes no value") }
        if rule == .required, line.rest.isEmpty {
            throw Self.problem(line, line.column, "expected a value after \(name)")
        }
        let place = "\(line.path):\(line.number):\(line.column)"
        // A command is not changed: the shell has variables of its own. A rule has captured values.
        guard name != "on", ConnectionOption(rawValue: name)?.command(in: String(line.rest)) == nil else {
            return ConfigFile.Entry(name: name, value: String(line.rest), place: place, missing: nil)
        }
        let template = try template(line)
        let missing = template.variables.first { variable($0) == nil }
        do throws(InvalidValue) {
            let value = path(in: try template.expanded(variable), of: name)
            return ConfigFile.Entry(name: name, value: value, place: place, missing: missing)
        } catch {
            throw Self.problem(line, line.column, error.description)
        }
    }

    /// Returns the value with the name of a file in it relative to the folder of the configuration file.
    private func path(in value: String, of name: String) -> String {
        let folder = UserPath.expand(file.path).split(separator: "/", omittingEmptySubsequences: false).dropLast()
        func resolved(_ path: some StringProtocol) -> String {
            UserPath.resolve(String(path), in: folder.joined(separator: "/"))
        }
        switch ConnectionOption(rawValue: name)?.value {
        case .file: return resolved(value)
        case .textOrFile where value.hasPrefix("@"): return "@" + resolved(value.dropFirst())
        default: return value
        }
    }

    private func template(_ line: ScriptLine) throws(FileError) -> Template {
        do throws(Template.Invalid) {
            return try Template(line.rest)
        } catch {
            throw Self.problem(line, line.column + error.offset, "expected ${NAME}, or $${ for a literal ${")
        }
    }

    /// Describes a mistake, without the line, which may contain a secret.
    private static func problem(_ line: ScriptLine, _ column: Int, _ message: String) -> FileError {
        FileError("\(line.path):\(line.number):\(column): \(Excerpt.start(of: message, 500))")
    }
}
