import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport

/// The options of the configuration file, which come before those of the command line.
extension Connect {
    /// Reads the configuration file, and parses its options before those of the command line, which override them.
    ///
    /// - Parameter arguments: the command line in wsline's own spellings.
    /// - Returns: the command with all options, and the file; nil if there is none.
    /// - Throws: `Failure` or `FileError` for an unknown profile or a mistake in the file.
    func configured(_ arguments: [String]) throws -> (Connect, ConfigFile?) {
        let isProfile = url.hasPrefix("@")
        guard !settingOptions.noConfig else {
            guard !isProfile else { throw Failure(.usage, "--no-config and \(url) cannot be used together") }
            return (self, nil)
        }
        guard let file = try ConfigFile.ofUser() else {
            let path = ConfigFile.userPath ?? "~/.config/wsline/config"
            guard !isProfile else { throw Failure(.noInput, "no profile \(url): there is no file \"\(path)\"") }
            return (self, nil)
        }
        let entries = try entries(of: file, url)
        let given = arguments.first == Self._commandName ? Array(arguments.dropFirst()) : arguments
        var command: Connect
        do {
            command = try Connect.parse(Self.arguments(for: entries) + given)
        } catch {
            throw Self.fault(in: entries) ?? Failure(.usage, "\"\(file.path)\": \(Wsline.message(for: error))")
        }
        guard isProfile, let target = try file.profile(url.dropFirst()).url else { return (command, file) }
        command.url = target.value
        do {
            try command.check(command.target)
        } catch {
            throw Failure(.usage, "\(target.place): \(Wsline.message(for: error))")
        }
        return (command, file)
    }

    /// Returns the entries of the file for a profile or another URL, without those that the command line overrides.
    func entries(of file: ConfigFile, _ url: String) throws -> [ConfigFile.Entry] {
        let profile = url.hasPrefix("@") ? try file.profile(url.dropFirst()) : ConfigFile.Profile()
        return try file.entries(of: profile, without: try settings.map { ($0.option, $0.text) })
    }

    /// Returns the entries as arguments of the command; settings of the display are not among them.
    private static func arguments(for entries: [ConfigFile.Entry]) -> [String] {
        entries.filter { Setting(rawValue: $0.name) == nil }.flatMap { entry in
            // An option without a value can have an optional one.
            WscatArguments.translate(["--\(entry.name)" + (entry.value.isEmpty ? "" : "=\(entry.value)")])
        }
    }

    /// Finds the entry that cannot be parsed.
    private static func fault(in entries: [ConfigFile.Entry]) -> Failure? {
        for entry in entries {
            do {
                _ = try Connect.parse(arguments(for: [entry]) + ["localhost"])
            } catch {
                return Failure(.usage, "\(entry.place): \(Wsline.message(for: error).prefix { $0 != "\n" })")
            }
        }
        return nil
    }
}

extension SessionPlan {
    /// Applies the parts of the configuration file that are no options: snippets, and settings of an interactive session
    /// unless options of the command line override them.
    ///
    /// - Throws: `Failure` for an invalid value.
    mutating func apply(_ file: ConfigFile, entries: [ConfigFile.Entry], _ display: DisplayOptions) throws(Failure) {
        profiles = file.profiles.keys.sorted()
        for entry in entries {
            guard let setting = Setting(rawValue: entry.name) else { continue }
            do throws(SlashCommand.Invalid) {
                let change = try setting.change(to: entry.value.isEmpty ? "on" : entry.value)
                if isTyped, !display.gives(setting) { self.display.apply(setting, change) }
            } catch {
                throw Failure(.usage, "\(entry.place): \(error.message)")
            }
        }
        var snippets: [String: Snippet] = [:]
        for (name, text) in file.snippets {
            do throws(InvalidValue) {
                snippets[name] = try Snippet(text)
            } catch {
                throw Failure(.usage, "\"\(file.path)\": invalid snippet \(name): \(error)")
            }
        }
        self.snippets = Snippets(snippets, variables: file.variables)
    }
}

extension ConfigFile {
    /// Returns the server of a profile of the user's file, and the configuration of connections to it.
    ///
    /// - Throws: `FileError`, `Failure` or any error of `ConnectionSetup` for a profile that cannot be used.
    static func connection(profile name: String) throws -> (WebSocketURL, ConnectionConfiguration) {
        guard let file = try ofUser() else {
            throw Failure(.noInput, "no profile \"\(name)\": there is no configuration file")
        }
        let profile = try file.profile(name)
        let url: WebSocketURL
        do throws(WebSocketURL.Invalid) {
            url = try WebSocketURL(profile.url?.value ?? "")
        } catch {
            throw Failure(.usage, "\(profile.url?.place ?? name): invalid URL: \(error)")
        }
        return (url, try ConnectionSetup.configuration(try file.settings(of: profile), for: url, .script))
    }
}

extension DisplayOptions {
    /// Whether an option sets the same as a setting.
    fileprivate func gives(_ setting: Setting) -> Bool {
        switch setting {
        case .pretty: pretty
        case .timestamps: timestamps != nil
        case .binaryAs: binaryStyle != nil
        case .showPingPong: showsPingPong
        case .select: select != nil
        case .selectOnly: selectOnly
        case .verbose: verbose > 0
        case .fold, .numbers, .checkJSON: false
        }
    }
}
