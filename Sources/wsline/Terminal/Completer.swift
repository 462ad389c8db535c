import CPOSIX
import SystemPackage
import LineEditor
import MessageText
import TestScript
import WebSocketProtocol

/// Tab completion in a session: commands, their arguments and file names. The editor itself completes words of
/// messages.
enum Completer {
    /// Returns completions for the end of a line; nil for a message.
    static func complete(_ line: String, _ snippets: [String], _ profiles: [String]) -> Completion? {
        guard line.hasPrefix("/"), !line.hasPrefix("//") else { return nil }
        guard let space = line.firstIndex(of: " ") else {
            let names = CommandName.allCases.map(\.rawValue)
            return choose((names + snippets.filter { !names.contains($0) }).map { "/" + $0 }, line)
        }
        let argument = String(line[line.index(after: space)...])
        switch CommandName(rawValue: String(line[line.index(after: line.startIndex)..<space])) {
        case .help: return choose(CommandName.allCases.map(\.rawValue), argument)
        case .reconnect where argument.hasPrefix("@"): return choose(profiles.map { "@" + $0 }, argument)
        case .snippet where !argument.contains(" "): return choose(snippets, argument)
        case .close where !argument.contains(" "): return closeCodes(argument)
        case .set: return settings(argument)
        case let name?: return arguments(of: name, argument)
        case nil: return Completion(word: "", candidates: [])
        }
    }

    /// Returns completions for the arguments of a command that a session and a server have in common.
    static func arguments(of name: CommandName, _ argument: String) -> Completion {
        switch name {
        case .send where argument.hasPrefix("-l "): return files(String(argument.dropFirst(3)))
        case .send, .save: return files(argument)
        case .repeat: return choose(["stop"], argument)
        case .record: return files(argument, beside: ["stop"])
        case .binary where argument.hasPrefix("@"): return files(String(argument.dropFirst()))
        case .filter, .on, .pipe: return choose(["off"], argument)
        default: return Completion(word: "", candidates: [])
        }
    }

    /// Returns the words that start with the typed text.
    static func choose(_ words: [String], _ typed: String) -> Completion {
        Completion(word: typed, candidates: words.filter { $0.hasPrefix(typed) })
    }

    /// Returns the names of settings, or the values of the setting that was typed.
    static func settings(_ argument: String) -> Completion {
        guard let space = argument.firstIndex(of: " ") else {
            return choose(Setting.allCases.map(\.rawValue), argument)
        }
        let values = Setting(rawValue: String(argument[..<space]))?.values ?? []
        return choose(values, String(argument[argument.index(after: space)...]))
    }

    /// Returns the matching close codes: several are listed with their names, a single one is completed without.
    static func closeCodes(_ argument: String) -> Completion {
        let fitting = CloseCode.named.filter { String($0.rawValue).hasPrefix(argument) }
        if fitting.count == 1 { return choose(fitting.map { String($0.rawValue) }, argument) }
        return Completion(word: argument, candidates: fitting.map { "\($0.rawValue) \($0.name)" })
    }

    private static func files(_ typed: String, beside words: [String] = []) -> Completion {
        let slash = typed.lastIndex(of: "/").map { typed.index(after: $0) } ?? typed.startIndex
        let folder = String(typed[..<slash])
        let name = typed[slash...]
        var names: [String] = []
        if let entries = opendir(folder.isEmpty ? "." : UserPath.expand(folder)) {
            while let entry = readdir(entries) {
                let found = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard found.hasPrefix(name), found != ".", found != "..", !found.hasPrefix(".") || name.hasPrefix(".")
                else {
                    continue
                }
                // Skip names that cannot be typed or contain terminal control characters.
                guard VisibleText.line(found) == found else { continue }
                names.append(folder + found + (isFolder(UserPath.expand(folder + found)) ? "/" : ""))
            }
            closedir(entries)
        }
        return Completion(word: typed, candidates: words.filter { $0.hasPrefix(typed) } + names.sorted())
    }

    private static func isFolder(_ path: String) -> Bool {
        (try? Stat(path).type) == .directory
    }
}
