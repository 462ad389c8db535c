import LineEditor
import MessageText
import WebSocketProtocol

/// A command typed at the terminal of `serve`.
enum ServerCommand: Equatable {
    case to(Int, String)
    case clients
    /// Nil for all clients.
    case close(Int?, CloseFrame)
    case ping(Int?)
    /// Without a setting, shows all; without a value, shows the current one.
    case set(Setting?, Setting.Change?)
    case filter(FilterChange)
    case on(RuleChange)
    /// A shell command; nil shows messages directly again.
    case pipe(command: String?)
    case help(ServerCommandName?)
    case quit

    /// Parses a command.
    ///
    /// - Parameter text: the line without its leading slash.
    /// - Throws: `SlashCommand.Invalid` for an unknown name or an invalid argument.
    init(_ text: Substring) throws(SlashCommand.Invalid) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let argument = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        let name = try SlashCommand.name(parts.first ?? "", ServerCommandName.self)
        switch name {
        case .to:
            let (word, message) = Self.cut(try SlashCommand.required(argument, name))
            // Taken from the original line, because trailing spaces are part of the message.
            let text = argument.dropFirst(word.count + 1)
            guard !message.isEmpty else { throw SlashCommand.Invalid(message: "/to requires a text: /to N TEXT") }
            self = .to(try Self.number(word), String(text))
        case .clients:
            try SlashCommand.nothing(argument, name)
            self = .clients
        case .close:
            let (word, rest) = Self.cut(argument)
            let number = word.isEmpty || word == "all" ? nil : try Self.number(word)
            self = .close(number, try SlashCommand.closeFrame(rest))
        case .ping:
            let word = String(argument.trimmingSpaces)
            self = .ping(word.isEmpty || word == "all" ? nil : try Self.number(word))
        case .set:
            let (setting, change) = try SlashCommand.setting(argument)
            self = .set(setting, change)
        case .filter: self = .filter(try FilterChange(argument))
        case .on: self = .on(try RuleChange(argument))
        case .pipe:
            let command = try SlashCommand.required(argument, name)
            self = .pipe(command: command == "off" ? nil : command)
        case .help: self = .help(argument.isEmpty ? nil : try ServerCommandName(typed: argument))
        case .quit:
            try SlashCommand.nothing(argument, name)
            self = .quit
        }
    }

    private static func cut(_ argument: String) -> (word: String, rest: String) {
        let parts = argument.split(separator: " ", maxSplits: 1)
        return (parts.first.map(String.init) ?? "", parts.count > 1 ? String(parts[1]) : "")
    }

    private static func number(_ word: String) throws(SlashCommand.Invalid) -> Int {
        guard let number = Int(word), number > 0 else {
            throw SlashCommand.Invalid(message: "invalid client number \"\(word)\"; /clients lists the clients")
        }
        return number
    }
}

/// The names of the commands of `serve`, and their help.
enum ServerCommandName: String, NamedCommand {
    case to, clients, close, ping, set, filter, on, pipe, help, quit

    /// The arguments, as shown after the name.
    var arguments: String {
        switch self {
        case .to: " N TEXT"
        case .close: " [N|all [CODE [REASON]]]"
        case .ping: " [N]"
        case .set: " [NAME [VALUE]]"
        case .filter: CommandName.filter.arguments
        case .on: CommandName.on.arguments
        case .pipe: CommandName.pipe.arguments
        case .help: " [COMMAND]"
        case .clients, .quit: ""
        }
    }

    /// A one-line description.
    var summary: String {
        switch self {
        case .to: "send a message to one client; other lines are sent to all"
        case .clients: "list the clients"
        case .close: "close the connection to a client, or to all, with code 1000 by default"
        case .ping: "send a ping to a client, or to all, and show the round-trip time"
        case .set: "show or change how messages are displayed"
        case .filter: CommandName.filter.summary
        case .on: CommandName.on.summary
        case .pipe: CommandName.pipe.summary
        case .help: "show all commands, or one of them"
        case .quit: "close all connections with 1001 and exit"
        }
    }

    /// Further lines of help.
    var details: [String] {
        switch self {
        case .set: Setting.help
        case .filter: CommandName.filter.details
        case .on: CommandName.on.details
        case .pipe: CommandName.pipe.details
        case .close: ["codes: 1000 to 1003, 1007 to 1014, and 3000 to 4999"]
        default: []
        }
    }

    static let otherHelp = [
        "Keys: Tab completes, Alt-Enter inserts a line break, Ctrl-X Ctrl-E opens an editor, Ctrl-S pauses the display, "
            + "Ctrl-Q resumes it, Ctrl-C clears the line or quits, Ctrl-D quits, Ctrl-Z suspends."
    ]
}

extension Completer {
    /// Returns completions for the end of a line typed at `serve`; nil for a message.
    static func complete(_ line: String, _ clients: Clients) -> Completion? {
        guard line.hasPrefix("/"), !line.hasPrefix("//") else { return nil }
        guard let space = line.firstIndex(of: " ") else {
            return choose(ServerCommandName.allCases.map { "/" + $0.rawValue }, line)
        }
        let argument = String(line[line.index(after: space)...])
        let numbers = clients.all.map { String($0.number) }
        let parts = argument.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        switch (ServerCommandName(rawValue: String(line[line.index(after: line.startIndex)..<space])), parts.count) {
        case (.to, 1): return choose(numbers, argument)
        case (.to, _): return nil
        case (.close, 1), (.ping, 1): return choose(numbers + ["all"], argument)
        case (.close, 2): return closeCodes(parts[1])
        case (.help, 1): return choose(ServerCommandName.allCases.map(\.rawValue), argument)
        case (.set, _): return settings(argument)
        case (.filter, 1), (.on, 1), (.pipe, 1): return choose(["off"], argument)
        default: return Completion(word: "", candidates: [])
        }
    }
}
