import WebSocketProtocol

/// A line typed in a session: a message, or a command that begins with a slash.
enum TypedLine: Equatable {
    /// A message; `//text` is the message `/text`.
    case message(String)
    case command(SlashCommand)

    /// Reads a line as typed.
    ///
    /// - Throws: `SlashCommand.Invalid` when it begins like a command and is none.
    init(_ line: String) throws(SlashCommand.Invalid) {
        if line.hasPrefix("//") {
            self = .message(String(line.dropFirst()))
        } else if line.hasPrefix("/") {
            self = .command(try SlashCommand(line.dropFirst()))
        } else {
            self = .message(line)
        }
    }
}

/// A command of the interactive session.
enum SlashCommand: Equatable {
    case ping(String)
    case pong(String)
    case close(CloseFrame)
    case quit
    case help(Name?)
    case info

    /// The commands' names.
    enum Name: String, CaseIterable {
        case ping, pong, close, quit, help, info

        /// What follows the name.
        var arguments: String {
            switch self {
            case .ping, .pong: " [DATA]"
            case .close: " [CODE [REASON]]"
            case .help: " [COMMAND]"
            case .quit, .info: ""
            }
        }

        /// What the command does, in a line.
        var summary: String {
            switch self {
            case .ping: "send a ping; its pong shows the round-trip time"
            case .pong: "send a pong that nobody asked for"
            case .close: "close the connection, with 1000 unless a code is given; what still comes is shown"
            case .quit: "close the connection and leave at once"
            case .help: "show the commands, or one of them"
            case .info: "show what is known of the connection"
            }
        }
    }

    /// Why a line that begins with a slash is not a command; one line with what to try.
    struct Invalid: Error, Equatable {
        let message: String
    }

    /// Reads a command.
    ///
    /// - Parameter text: the line without its slash.
    /// - Throws: `Invalid` for a name or argument that can't be used.
    init(_ text: Substring) throws(Invalid) {
        let parts = text.split(separator: " ", maxSplits: 1)
        let argument = parts.count > 1 ? String(parts[1]) : ""
        switch try Self.name(parts.first.map(String.init) ?? "") {
        case .ping: self = .ping(try Self.controlPayload(argument))
        case .pong: self = .pong(try Self.controlPayload(argument))
        case .close: self = .close(try Self.closeFrame(argument))
        case .quit: self = .quit
        case .info: self = .info
        case .help: self = .help(argument.isEmpty ? nil : try Self.name(argument))
        }
    }

    private static func name(_ text: String) throws(Invalid) -> Name {
        let text = text.hasPrefix("/") ? String(text.dropFirst()) : text
        if let name = Name(rawValue: text) { return name }
        let near = Name.allCases.filter {
            !text.isEmpty && ($0.rawValue.hasPrefix(text) || editDistance($0.rawValue, text) <= 2)
        }
        let known = near.isEmpty ? "/help lists the commands" : "near it: " + names(near)
        throw Invalid(message: "there is no command /\(text); \(known); //\(text) sends it as a message")
    }

    private static func names(_ names: [Name]) -> String {
        names.map { "/\($0.rawValue)" }.joined(separator: ", ")
    }

    private static func controlPayload(_ text: String) throws(Invalid) -> String {
        let count = text.utf8.count
        guard count <= Endpoint.maximumControlPayload else {
            throw Invalid(message: "\(count) bytes do not fit into a ping or pong, which holds 125; not sent")
        }
        return text
    }

    private static func closeFrame(_ text: String) throws(Invalid) -> CloseFrame {
        guard !text.isEmpty else { return .normal }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard let number = parts.first.flatMap({ UInt16($0) }) else {
            throw Invalid(message: "\"\(parts.first ?? "")\" is not a close code, such as 1000 or 4000; not closed")
        }
        do throws(CloseFrame.Invalid) {
            return try CloseFrame(code: CloseCode(rawValue: number), reason: parts.count > 1 ? String(parts[1]) : "")
        } catch {
            throw Invalid(message: "\(error); not closed")
        }
    }

    /// The help on one command, or on all.
    static func help(_ name: Name?) -> [String] {
        guard let name else {
            let width = 2 + (Name.allCases.map { $0.rawValue.count + $0.arguments.count }.max() ?? 0)
            return Name.allCases.map { name in
                let usage = name.rawValue + name.arguments
                return "/" + usage + String(repeating: " ", count: width - usage.count) + name.summary
            } + ["//text" + String(repeating: " ", count: width - 5) + "send a message that begins with a slash"]
        }
        return ["/\(name.rawValue)\(name.arguments)", "  \(name.summary)"]
    }

    /// How many letters must be put in, taken out or replaced to make one word the other.
    private static func editDistance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (right[column] == letter ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
