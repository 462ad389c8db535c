import CPOSIX
package import MessageText
import SystemPackage
package import WebSocketTransport

/// The user's configuration file: options of `connect`, profiles with more options, snippets and variables.
///
/// Each line has the name of an option without its dashes and a value, as in scripts.
package struct ConfigFile: Sendable {
    /// A line with an option.
    package struct Entry: Sendable {
        package let name: String
        /// The value with its variables replaced; empty for an option without one.
        package let value: String
        /// The position, as `path:line:column`.
        package let place: String
        /// The name of a variable that is not set; an error only if the entry is used.
        let missing: String?

        /// The option if it is one of connections.
        package var option: ConnectionOption? { ConnectionOption(rawValue: name) }
    }

    /// A profile: a server and the options for it.
    package struct Profile: Sendable {
        package var url: Entry?
        package var entries: [Entry] = []

        /// Creates a profile without options.
        package init() {}
    }

    /// The sections that are no profiles.
    static let otherSections = ["snippets", "variables"]
    private static let sizeLimit = 1 << 20

    package let path: String
    /// The options before the first section, which apply to every connection of `connect`.
    package var entries: [Entry] = []
    package var profiles: [String: Profile] = [:]
    package var snippets: [String: String] = [:]
    package var variables: [String: String] = [:]

    init(path: String) { self.path = path }

    /// Returns the path of the user's file; nil if `WSLINE_CONFIG` is empty or there is no home folder.
    package static var userPath: String? {
        if let path = Environment.variable("WSLINE_CONFIG") { return path.isEmpty ? nil : path }
        if let folder = Environment.nonEmpty("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
            return folder + "/wsline/config"
        }
        return Environment.nonEmpty("HOME").map { $0 + "/.config/wsline/config" }
    }

    /// Reads the user's file; returns nil if there is none.
    ///
    /// - Throws: `FileError` for a file that cannot be read, that others can write, or that has a mistake.
    package static func ofUser() throws(FileError) -> ConfigFile? {
        guard let path = userPath else { return nil }
        let isChosen = Environment.variable("WSLINE_CONFIG") != nil
        if !isChosen, access(UserPath.expand(path), F_OK) != 0, posix_errno() == ENOENT { return nil }
        try checkOwner(of: path)
        let bytes = try InputFile.read(path, limit: sizeLimit, of: "a configuration file")
        return try parse(bytes, path)
    }

    /// Rejects a file that others can write: its commands and servers would not be the user's.
    private static func checkOwner(of path: String) throws(FileError) {
        guard path != "/dev/null", let status = try? Stat(UserPath.expand(path)) else { return }
        // A pipe or a device can block forever, and has nothing left when a profile is looked up again.
        guard status.type == .regular else {
            throw FileError("the configuration file \"\(path)\" is not a regular file; name one, or use --no-config")
        }
        let others: FilePermissions = [.groupWrite, .otherWrite]
        if !status.permissions.isDisjoint(with: others) {
            throw FileError("the configuration file \"\(path)\" can be written by others; run: chmod go-w \(path)")
        }
        if status.userID.rawValue != geteuid(), status.userID.rawValue != 0 {
            throw FileError("the configuration file \"\(path)\" belongs to another user; copy it or use --no-config")
        }
    }

    /// Parses the content of a file.
    ///
    /// - Parameters:
    ///   - bytes: the content.
    ///   - path: the path of the file, for errors.
    ///   - variable: returns the value of an environment variable.
    /// - Returns: the options and sections.
    /// - Throws: `FileError` for the first mistake, with its position; it never repeats a value.
    package static func parse(
        _ bytes: [UInt8],
        _ path: String,
        _ variable: (String) -> String? = Environment.variable
    ) throws(FileError) -> ConfigFile {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw FileError("\"\(path)\" is not UTF-8") }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            .map { ScriptLine(String($1), number: $0 + 1, path: path) }
        // Variables apply to the whole file.
        var parser = ConfigParser(file: ConfigFile(path: path), variable: { _ in nil })
        for line in lines { try parser.take(line, isAboutVariables: true) }
        let variables = parser.file.variables
        return try withoutActuallyEscaping(variable) { (variable) throws(FileError) in
            var parser = ConfigParser(file: ConfigFile(path: path)) { variables[$0] ?? variable($0) }
            for line in lines { try parser.take(line, isAboutVariables: false) }
            parser.file.variables = variables
            return parser.file
        }
    }

    /// Finds a profile.
    ///
    /// - Parameter name: the name, after an `@`.
    /// - Returns: the profile, which has a URL.
    /// - Throws: `FileError` that suggests similar names.
    package func profile(_ name: some StringProtocol) throws(FileError) -> Profile {
        guard let profile = profiles[String(name)] else {
            let names = profiles.keys.sorted()
            let near = nearNames(to: String(name), of: names).map { "@" + $0 }
            let hint =
                !near.isEmpty
                ? "did you mean \(near.joined(separator: " or "))?"
                : names.isEmpty ? "add [\(name)] with a url" : "profiles: \(names.joined(separator: ", "))"
            throw FileError("\"\(path)\" has no profile \"\(name)\"; \(hint)")
        }
        guard let url = profile.url else { throw FileError("the profile \"\(name)\" in \"\(path)\" has no url") }
        try Self.check([url])
        return profile
    }

    /// Returns the settings of a connection.
    ///
    /// - Parameters:
    ///   - entries: the entries for the connection; those that are no options of connections are skipped.
    ///   - url: the server; nil for the built-in echo server.
    ///   - given: more options of the connection.
    /// - Returns: the settings of the entries.
    /// - Throws: `InvalidValue` for an invalid value, or options that cannot be used together, with the position.
    package static func settings(
        _ entries: [Entry],
        for url: WebSocketURL?,
        with given: [ConnectionSetting] = []
    ) throws(InvalidValue) -> [ConnectionSetting] {
        let spelling = OptionSpelling.script
        var settings: [ConnectionSetting] = []
        let entries = entries.filter { $0.option != nil }
        for entry in entries {
            guard let option = entry.option else { continue }
            do throws(InvalidValue) {
                settings.append(try option.setting(entry.value))
            } catch {
                throw InvalidValue("\(entry.place): \(spelling.explain(error, option, entry.value))")
            }
        }
        var faults = spelling.conflicts(in: (settings + given).map(\.option))
        if url == nil {
            faults += settings.enumerated().compactMap { index, setting in
                setting.faultWithEcho(spelling).map { (index, $0) }
            }
        }
        if let fault = faults.first(where: { $0.index < entries.count }) {
            throw InvalidValue("\(entries[fault.index].place): \(fault.message)")
        }
        return settings
    }

    /// Returns the entries of the whole file for a profile, without those that it overrides, and without those before
    /// the first section that have no effect on its server.
    ///
    /// - Parameters:
    ///   - profile: the profile.
    ///   - url: the server; nil for the built-in echo server.
    ///   - given: more options that override entries.
    /// - Returns: the entries, those of the profile last.
    /// - Throws: `FileError` for an entry with a variable that is not set.
    package func entries(
        of profile: Profile,
        for url: WebSocketURL?,
        without given: [ConnectionSetting] = []
    ) throws(FileError) -> [Entry] {
        let own = profile.entries.compactMap { entry in entry.option.map { (option: $0, value: entry.value) } }
        let given = given.map { (option: $0.option, value: $0.text) }
        let general = entries.filter { entry in
            !entry.isOverridden(by: own) && entry.option?.isUseful(with: entry.value, for: url) != false
        }
        let used = (general + profile.entries).filter { !$0.isOverridden(by: given) }
        try Self.check(used)
        return used
    }

    private static func check(_ entries: [Entry]) throws(FileError) {
        guard let entry = entries.first(where: { $0.missing != nil }), let name = entry.missing else { return }
        throw FileError("\(entry.place): unknown variable \(name); set it in [variables] or in the environment")
    }
}

extension ConfigFile.Entry {
    /// Whether the entry is overridden by options that are more specific.
    fileprivate func isOverridden(by others: [(option: ConnectionOption, value: String)]) -> Bool {
        guard let option else { return false }
        return others.contains { option.isOverridden(value, by: $0.option, $0.value) }
    }
}

extension ConnectionSetting {
    /// Whether the setting is overridden by others, which are more specific.
    func isOverridden(by others: [ConnectionSetting]) -> Bool {
        others.contains { option.isOverridden(text, by: $0.option, $0.text) }
    }
}

extension ConnectionOption {
    /// Whether a value of an option is overridden by another option, which is more specific.
    fileprivate func isOverridden(_ value: String, by other: ConnectionOption, _ otherValue: String) -> Bool {
        if other == excluded { return true }
        guard other == self else { return false }
        func name(_ header: String) -> String { header.prefix { $0 != ":" }.lowercased() }
        switch self {
        case .header: return name(value) == name(otherValue)
        case .resolve: return false
        default: return true
        }
    }
}
