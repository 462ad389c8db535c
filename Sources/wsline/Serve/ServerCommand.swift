import LineEditor
import MessageText
import WebSocketProtocol

/// A command typed at the terminal of `serve`.
enum ServerCommand: Equatable {
    /// Sends a text to one client.
    case to(Int, String)
    /// Sends something else, to one client or, without a number, to all.
    case sending(SendingCommand, to: Int?)
    case clients
    /// Nil for all clients.
    case close(Int?, CloseFrame)
    case ping(Int?)
    /// Without a setting, shows all; without a value, shows the current one.
    case set(Setting?, Setting.Change?)
    case scrollback(ScrollbackCommand)
    case repeating(RepeatChange)
    /// Nil stops recording.
    case record(file: String?)
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
        if let shared = name.shared {
            if let command = try ScrollbackCommand(shared, argument) {
                self = .scrollback(command)
                return
            }
            if let command = try SendingCommand(shared, argument) {
                self = .sending(command, to: nil)
                return
            }
        }
        switch name {
        case .to:
            let (word, message) = Self.cut(try SlashCommand.required(argument, name))
            // Taken from the original line, because trailing spaces are part of the message.
            let text = argument.dropFirst(word.count + 1)
            guard !message.isEmpty else { throw SlashCommand.Invalid(message: "/to requires a text: /to N TEXT") }
            self = try Self.message(String(text), to: try Self.number(word))
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
        case .repeat: self = .repeating(try RepeatChange(argument))
        case .record: self = .record(file: try SlashCommand.required(argument, name, orNil: "stop"))
        case .filter: self = .filter(try FilterChange(argument))
        case .on: self = .on(try RuleChange(argument))
        case .pipe: self = .pipe(command: try SlashCommand.required(argument, name, orNil: "off"))
        case .help: self = .help(argument.isEmpty ? nil : try ServerCommandName(typed: argument))
        case .quit:
            try SlashCommand.nothing(argument, name)
            self = .quit
        // Parsed above.
        case .show, .save, .find, .copy, .send, .binary, .again: self = .help(name)
        }
    }

    /// Parses the message of `/to`: a text, or a command that sends a message.
    private static func message(_ line: String, to number: Int) throws(SlashCommand.Invalid) -> ServerCommand {
        switch LineKind(line) {
        case .message(let text): return .to(number, text)
        case .recall: return .to(number, line)
        case .command(let text):
            guard case .sending(let command, to: nil) = try ServerCommand(text) else {
                throw SlashCommand.Invalid(
                    message: "/to sends a text, /send, /binary or /again, not \"\(line)\" "
                        + "(/\(line) sends it as a message)"
                )
            }
            return .sending(command, to: number)
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
    case to, clients, close, ping, set
    case show, save, find, copy, filter, on, pipe
    case send, binary, again, `repeat`, record
    case help, quit

    /// The command of a session with the same arguments and meaning; nil if there is none.
    var shared: CommandName? {
        switch self {
        case .to, .clients, .close, .ping, .set, .help, .quit: nil
        default: CommandName(rawValue: rawValue)
        }
    }

    /// The arguments, as shown after the name.
    var arguments: String {
        switch self {
        case .to: " N TEXT"
        case .close: " [N|all [CODE [REASON]]]"
        case .ping: " [N]"
        case .set: " [NAME [VALUE]]"
        case .help: " [COMMAND]"
        default: shared?.arguments ?? ""
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
        case .help: "show all commands, or one of them"
        case .quit: "close all connections with 1001 and exit"
        default: shared?.summary ?? ""
        }
    }

    /// Further lines of help.
    var details: [String] {
        switch self {
        case .set: Setting.help
        case .to: ["TEXT can be /send, /binary or /again with its arguments: /to 2 /send FILE"]
        case .close: CommandName.close.details
        default: shared?.details ?? []
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
        let name = ServerCommandName(rawValue: String(line[line.index(after: line.startIndex)..<space]))
        switch (name, parts.count) {
        case (.to, 1): return choose(numbers, argument)
        case (.to, _):
            let text = String(argument.dropFirst(parts[0].count + 1))
            guard text.hasPrefix("/"), !text.hasPrefix("//") else { return nil }
            return text.contains(" ") ? complete(text, clients) : choose(["/send", "/binary", "/again"], text)
        case (.close, 1), (.ping, 1): return choose(numbers + ["all"], argument)
        case (.close, 2): return closeCodes(parts[1])
        case (.help, 1): return choose(ServerCommandName.allCases.map(\.rawValue), argument)
        case (.set, _): return settings(argument)
        default: return name?.shared.map { arguments(of: $0, argument) } ?? Completion(word: "", candidates: [])
        }
    }
}
