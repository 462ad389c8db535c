import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport

/// The options of the configuration file, which come before those of the command line.
extension Connect {
    /// Reads the configuration file, and parses its options before those of the command line, which override them.
    ///
    /// - Parameter arguments: the command line in wsline's own spellings.
    /// - Returns: the command with all options; the file, nil if there is none; and its entries for this connection.
    /// - Throws: `Failure`, `FileError` or `InvalidValue` for an unknown profile or a mistake in the file.
    func configured(_ arguments: [String]) throws -> (Connect, ConfigFile?, [ConfigFile.Entry]) {
        let isProfile = url.hasPrefix("@")
        guard !settingOptions.noConfig else {
            guard !isProfile else { throw Failure(.usage, "--no-config and \(url) cannot be used together") }
            return (self, nil, [])
        }
        guard let file = isProfile ? try ConfigFile.defining(url) : try ConfigFile.ofUser() else {
            return (self, nil, [])
        }
        let profile = isProfile ? try file.profile(url.dropFirst()) : ConfigFile.Profile()
        let server = isProfile ? try profile.target.server : try target.server
        let entries = try file.entries(of: profile, for: server, without: try settings)
        _ = try ConfigFile.settings(entries, for: server, with: try settings)
        let given = arguments.first == Self._commandName ? Array(arguments.dropFirst()) : arguments
        var command: Connect
        do {
            command = try Connect.parse(self.arguments(for: entries) + given)
        } catch {
            throw fault(in: entries) ?? Failure(.usage, "\"\(file.path)\": \(Wsline.message(for: error))")
        }
        if isProfile {
            command.url = profile.url?.value ?? ""
            try command.check(command.target)
        }
        return (command, file, entries)
    }

    /// Returns the entries as arguments of the command, without those for interactive sessions, and without those that
    /// another option of the command line overrides.
    private func arguments(for entries: [ConfigFile.Entry]) -> [String] {
        entries.flatMap { entry -> [String] in
            switch entry.name {
            case _ where entry.isDisplayed: []
            case "quiet" where display.verbose > 0, "framing" where messages.null: []
            case "no-color": ["--color=never"]
            // An option without a value can have an optional one.
            default: WscatArguments.translate(["--\(entry.name)" + (entry.value.isEmpty ? "" : "=\(entry.value)")])
            }
        }
    }

    /// Finds the first entry that cannot be parsed, alone or with those that can.
    private func fault(in entries: [ConfigFile.Entry]) -> Failure? {
        func parse(_ entries: [ConfigFile.Entry]) throws {
            _ = try Connect.parse(arguments(for: entries) + ["localhost"])
        }
        var valid = entries.filter { $0.option != nil }
        var rest = entries.filter { $0.option == nil }
        // An entry can require a later one.
        while let index = rest.firstIndex(where: { entry in (try? parse(valid + [entry])) != nil }) {
            valid.append(rest.remove(at: index))
        }
        guard let entry = rest.first else { return nil }
        do {
            try parse(valid + [entry])
            return nil
        } catch {
            return Failure(.usage, "\(entry.place): \(entry.explanation(of: Wsline.message(for: error)))")
        }
    }
}

extension ConfigFile.Entry {
    /// Whether the entry concerns the display, which the file configures for interactive sessions only.
    fileprivate var isDisplayed: Bool { Setting(rawValue: name) != nil || isFilter }

    fileprivate var isFilter: Bool { name == "filter" || name == "hide" }

    /// Returns the argument parser's error about the entry in the words of other errors about the file.
    fileprivate func explanation(of message: String) -> String {
        let line = message.prefix { $0 != "\n" }
        let start = "The value '\(value)' is invalid for '"
        guard line.hasPrefix(start) else { return OptionSpelling.script.respelled(String(line)) }
        let reason = line.dropFirst(start.count).drop { $0 != "'" }.dropFirst()
        let choices = ". Please provide one of "
        let words =
            reason.hasPrefix(choices)
            ? ": must be " + reason.dropFirst(choices.count).filter { $0 != "'" && $0 != "." } : String(reason)
        return "invalid value \"\(value)\" for \(name)\(words)"
    }
}

extension SessionPlan {
    /// Applies the parts of the configuration file that are no arguments: snippets; and in an interactive session,
    /// filters, and settings unless options of the command line override them.
    ///
    /// - Throws: `Failure` for an invalid value.
    mutating func apply(_ file: ConfigFile, entries: [ConfigFile.Entry], _ display: DisplayOptions) throws(Failure) {
        profiles = file.profiles.keys.sorted()
        for entry in entries {
            do throws(InvalidValue) {
                try apply(entry, display)
            } catch {
                throw Failure(.usage, "\(entry.place): \(error)")
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

    private mutating func apply(_ entry: ConfigFile.Entry, _ options: DisplayOptions) throws(InvalidValue) {
        if let setting = Setting(rawValue: entry.name) {
            do throws(SlashCommand.Invalid) {
                let change = try setting.change(to: entry.value.isEmpty ? "on" : entry.value)
                if isTyped, !options.gives(setting) { display.apply(setting, change) }
            } catch {
                throw InvalidValue(error.message)
            }
        } else if entry.isFilter {
            do throws(InvalidValue) {
                let condition = try MessageFilter.Condition(entry.value, hides: entry.name == "hide")
                if isTyped { try display.filter.add(condition) }
            } catch {
                throw InvalidValue("invalid value \"\(entry.value)\" for \(entry.name): \(error)")
            }
        }
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
