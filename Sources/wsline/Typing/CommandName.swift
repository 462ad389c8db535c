/// The names of the commands of a session, and what is said about each.
enum CommandName: String, CaseIterable {
    case ping, pong, close, quit, help, info, send, binary, edit, reconnect, set, record, history

    /// What follows the name.
    var arguments: String {
        switch self {
        case .ping, .pong: " [DATA]"
        case .close: " [CODE [REASON]]"
        case .help: " [COMMAND]"
        case .send: " FILE"
        case .binary: " HEX|@FILE"
        case .reconnect: " [URL]"
        case .set: " [NAME [VALUE]]"
        case .record: " FILE|stop"
        case .history: " [TEXT]"
        case .quit, .info, .edit: ""
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
        case .send: "send a file as one message; text unless it is not UTF-8 or -b is given"
        case .binary: "send a binary message: bytes in hexadecimal, or a file"
        case .edit: "write a message in $VISUAL or $EDITOR; Enter then sends it"
        case .reconnect: "close the connection and open it again, or one to another server"
        case .set: "show how messages are displayed, or change it"
        case .record: "append all that happens from now on to a file, or stop that"
        case .history: "show the lines typed before, or those that have TEXT in them"
        }
    }

    /// What else is good to know about it.
    private var details: [String] {
        switch self {
        case .set: Setting.help
        case .record: ["a line of JSON for each event, as --json prints them"]
        case .close: ["codes: 1000 to 1003, 1007 to 1014, and 3000 to 4999"]
        case .binary: ["/binary 00ff10   /binary 00 FF 10   /binary @image.png"]
        default: []
        }
    }

    /// Finds a command.
    ///
    /// - Throws: `SlashCommand.Invalid` that names the near ones.
    init(typed text: String) throws(SlashCommand.Invalid) {
        let text = text.hasPrefix("/") ? String(text.dropFirst()) : text
        if let name = CommandName(rawValue: text) {
            self = name
            return
        }
        let near = nearNames(to: text, of: Self.allCases.map(\.rawValue))
        let known =
            near.isEmpty ? "/help lists the commands" : "near it: " + near.map { "/" + $0 }.joined(separator: ", ")
        throw SlashCommand.Invalid(message: "there is no command /\(text); \(known); //\(text) sends it as a message")
    }

    /// The help on one command, or on all.
    static func help(_ name: CommandName?) -> [String] {
        if let name {
            return ["/\(name.rawValue)\(name.arguments)", "  \(name.summary)"] + name.details.map { "  \($0)" }
        }
        let width = 2 + (allCases.map { $0.rawValue.count + $0.arguments.count }.max() ?? 0)
        func row(_ usage: String, _ summary: String) -> String {
            usage + String(repeating: " ", count: width + 1 - usage.count) + summary
        }
        return allCases.map { row("/\($0.rawValue)\($0.arguments)", $0.summary) } + [
            row("//text", "send a message that begins with a slash"),
            "Keys: Tab completes, Ctrl-R searches the history, Alt-Enter adds a line, Ctrl-X Ctrl-E opens an editor, "
                + "Ctrl-S stops the display and Ctrl-Q goes on, Ctrl-C clears the line or quits, Ctrl-D closes, Ctrl-Z "
                + "suspends.",
        ]
    }
}

/// The names that somebody may have meant: which begin with what was typed, or differ from it in a letter or two.
func nearNames(to text: String, of names: [String]) -> [String] {
    names.filter { !text.isEmpty && ($0.hasPrefix(text) || editDistance($0, text) <= 2) }
}

/// How many letters must be put in, taken out or replaced to make one word the other.
private func editDistance(_ left: String, _ right: String) -> Int {
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
