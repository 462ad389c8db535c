import MessageText
import WebSocketTransport
import WebSocketProtocol

/// A line typed in a session: a message, or a command, which starts with a slash, or is `!N`, and has no newline.
enum TypedLine: Equatable {
    /// A message; a single line `//text` is the message `/text`.
    case message(String)
    case command(SlashCommand)

    /// Parses a typed line.
    ///
    /// - Throws: `SlashCommand.Invalid` for an invalid command.
    init(_ line: String) throws(SlashCommand.Invalid) {
        switch LineKind(line) {
        case .message(let text): self = .message(text)
        case .command(let text): self = .command(try SlashCommand(text))
        case .recall(let number): self = .command(.recall(number))
        }
    }
}

/// The kind of a typed line, before a command in it has been parsed.
enum LineKind {
    case message(String)
    /// Without the leading slash.
    case command(Substring)
    /// The number of a line of the history, after an exclamation mark.
    case recall(Int)

    init(_ line: String) {
        if line.hasPrefix("!"), Self.isSpecial(line) {
            self = Int(line.dropFirst()).map { .recall($0) } ?? .message(String(line.dropFirst()))
        } else if !Self.isSpecial(line) {
            self = .message(line)
        } else if line.hasPrefix("//") {
            self = .message(String(line.dropFirst()))
        } else {
            self = .command(line.dropFirst())
        }
    }

    /// Returns the line that sends exactly this text.
    static func quote(_ text: String) -> String {
        isSpecial(text) ? (text.first.map(String.init) ?? "") + text : text
    }

    /// A text of several lines was pasted or edited and is always a message, even if it starts with a comment.
    private static func isSpecial(_ line: String) -> Bool {
        if line.hasPrefix("/") { return !line.contains("\n") }
        // `!5` recalls line 5, and `!!5` sends `!5`.
        let number = line.drop { $0 == "!" }
        return line.hasPrefix("!") && !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber }
    }
}

/// A command of the interactive session.
enum SlashCommand: Equatable {
    case ping(String)
    case pong(String)
    case close(CloseFrame)
    case quit
    case help(CommandName?)
    case info
    case edit
    case reconnect(WebSocketURL?)
    /// Connects to the server of a profile of the configuration file.
    case connect(profile: String)
    /// Without a setting, shows all; without a value, shows the current one.
    case set(Setting?, Setting.Change?)
    /// Nil stops recording.
    case record(file: String?)
    case history(containing: String)
    /// Puts a line of the history on the prompt.
    case recall(Int)
    case scrollback(ScrollbackCommand)
    case sending(SendingCommand)
    case repeating(RepeatChange)
    case listSnippets
    case addSnippet(String, text: String)
    case filter(FilterChange)
    case on(RuleChange)
    /// A shell command; nil shows messages directly again.
    case pipe(command: String?)

    /// The error for an invalid command: one line, with a suggestion.
    struct Invalid: Error, Equatable {
        let message: String
    }

    /// Parses a command.
    ///
    /// - Parameter text: the line without its leading slash.
    /// - Throws: `Invalid` for an unknown name or an invalid argument.
    init(_ text: Substring) throws(Invalid) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let argument = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        let name = try Self.name(parts.first ?? "", CommandName.self)
        if let command = try ScrollbackCommand(name, argument) {
            self = .scrollback(command)
            return
        }
        if let command = try SendingCommand(name, argument) {
            self = .sending(command)
            return
        }
        switch name {
        case .ping: self = .ping(try Self.controlPayload(argument))
        case .pong: self = .pong(try Self.controlPayload(argument))
        case .close: self = .close(try Self.closeFrame(argument))
        case .help: self = .help(argument.isEmpty ? nil : try CommandName(typed: argument))
        case .reconnect where argument.hasPrefix("@"):
            self = .connect(profile: String(argument.dropFirst().trimmingSpaces))
        case .reconnect: self = .reconnect(try Self.url(argument))
        case .set:
            let (setting, change) = try Self.setting(argument)
            self = .set(setting, change)
        case .record: self = .record(file: try Self.required(argument, name, orNil: "stop"))
        case .history: self = Int(argument.trimmingSpaces).map { .recall($0) } ?? .history(containing: argument)
        case .filter: self = .filter(try FilterChange(argument))
        case .on: self = .on(try RuleChange(argument))
        case .pipe: self = .pipe(command: try Self.required(argument, name, orNil: "off"))
        case .quit:
            try Self.nothing(argument, name)
            self = .quit
        case .info:
            try Self.nothing(argument, name)
            self = .info
        case .edit:
            try Self.nothing(argument, name)
            self = .edit
        case .repeat: self = .repeating(try RepeatChange(argument))
        case .snippets:
            try Self.nothing(argument, name)
            self = .listSnippets
        case .snippet:
            let parts = try Self.required(argument, name).split(separator: " ", maxSplits: 1)
            guard parts.count > 1 else { throw Invalid(message: "/snippet requires a text: /snippet\(name.arguments)") }
            self = .addSnippet(String(parts[0]), text: String(parts[1].drop { $0 == " " }))
        // Parsed above.
        case .show, .save, .find, .copy, .send, .binary, .again: self = .help(name)
        }
    }

    /// Finds a command by name.
    ///
    /// - Throws: `Invalid` that explains how to send the line as a message.
    static func name<Name: NamedCommand>(_ text: Substring, _: Name.Type) throws(Invalid) -> Name {
        do throws(Invalid) {
            return try Name(typed: String(text))
        } catch {
            throw Invalid(message: "\(error.message) (//\(text) sends it as a message)")
        }
    }

    /// Returns a required argument; throws if it is missing.
    static func required(_ argument: String, _ name: some NamedCommand) throws(Invalid) -> String {
        let argument = String(argument.trimmingSpaces)
        guard !argument.isEmpty else {
            throw Invalid(message: "/\(name.rawValue) requires an argument: /\(name.rawValue)\(name.arguments)")
        }
        return argument
    }

    /// Returns a required argument; nil if it is the given word.
    static func required(_ argument: String, _ name: some NamedCommand, orNil word: String) throws(Invalid) -> String? {
        let argument = try required(argument, name)
        return argument == word ? nil : argument
    }

    /// Rejects arguments of a command that takes none.
    static func nothing(_ argument: String, _ name: some NamedCommand) throws(Invalid) {
        guard !argument.trimmingSpaces.isEmpty else { return }
        throw Invalid(message: "/\(name.rawValue) takes no arguments; remove \"\(argument)\"")
    }

    private static func controlPayload(_ text: String) throws(Invalid) -> String {
        let count = text.utf8.count
        guard count <= Endpoint.maximumControlPayload else {
            throw Invalid(message: "not sent: \(count) bytes are too long for a ping or pong; the maximum is 125")
        }
        return text
    }

    /// Parses the code and reason of a Close frame.
    ///
    /// - Throws: `Invalid` for a code or reason that cannot be sent.
    static func closeFrame(_ text: String) throws(Invalid) -> CloseFrame {
        guard !text.isEmpty else { return .normal }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard let number = parts.first.flatMap({ UInt16($0) }) else {
            throw Invalid(
                message: "not closed: invalid code \"\(parts.first ?? "")\"; use a number such as 1000 or 4000"
            )
        }
        do throws(CloseFrame.Invalid) {
            let reason = parts.count > 1 ? unquoted(parts[1].trimmingSpaces) : ""
            return try CloseFrame(code: CloseCode(rawValue: number), reason: reason)
        } catch {
            throw Invalid(message: "not closed: \(error)")
        }
    }

    /// Returns the text without quotes that enclose all of it.
    private static func unquoted(_ text: Substring) -> String {
        let inner = text.dropFirst().dropLast()
        let isQuoted = text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"") && !inner.contains("\"")
        return String(isQuoted ? inner : text)
    }

    private static func url(_ text: String) throws(Invalid) -> WebSocketURL? {
        let text = String(text.trimmingSpaces)
        guard !text.isEmpty else { return nil }
        guard text != "echo:" else {
            throw Invalid(message: "/reconnect cannot start the built-in echo server; quit, and run wsline echo:")
        }
        do throws(WebSocketURL.Invalid) {
            return try WebSocketURL(text)
        } catch {
            throw Invalid(message: "invalid URL \"\(Redaction.url(text))\": \(error)")
        }
    }

    /// Parses the arguments of `/set`.
    ///
    /// - Throws: `Invalid` for an unknown name or an invalid value.
    static func setting(_ text: String) throws(Invalid) -> (Setting?, Setting.Change?) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard let name = parts.first else { return (nil, nil) }
        let setting = try Setting(typed: String(name))
        guard parts.count > 1 else { return (setting, nil) }
        return (setting, try setting.change(to: String(parts[1].trimmingSpaces)))
    }
}
