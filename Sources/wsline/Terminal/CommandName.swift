/// The names of the commands of a session, and their help.
enum CommandName: String, NamedCommand {
    case ping, pong, close, quit, help, info, send, binary, edit, reconnect, set, record, history

    /// The arguments, as shown after the name.
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

    /// A one-line description.
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

    /// Further lines of help.
    var details: [String] {
        switch self {
        case .set: Setting.help
        case .record: ["a line of JSON for each event, as --json prints them"]
        case .close: ["codes: 1000 to 1003, 1007 to 1014, and 3000 to 4999"]
        case .binary: ["/binary 00ff10   /binary 00 FF 10   /binary @image.png"]
        default: []
        }
    }

    static let otherHelp = [
        "Keys: Tab completes, Ctrl-R searches the history, Alt-Enter adds a line, Ctrl-X Ctrl-E opens an editor, "
            + "Ctrl-S stops the display and Ctrl-Q goes on, Ctrl-C clears the line or quits, Ctrl-D closes, Ctrl-Z "
            + "suspends."
    ]
}
