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
        case .ping: "send a ping and show the round-trip time"
        case .pong: "send an unsolicited pong"
        case .close: "close the connection, with code 1000 by default, and exit"
        case .quit: "close the connection and exit immediately"
        case .help: "show all commands, or one of them"
        case .info: "show details of the connection"
        case .send: "send a file as one message, as text if it is UTF-8 and -b is not given"
        case .binary: "send a binary message: hexadecimal digits, or a file"
        case .edit: "edit a message in $VISUAL or $EDITOR; then press Enter to send it"
        case .reconnect: "reconnect, or connect to another server"
        case .set: "show or change how messages are displayed"
        case .record: "append all further events to a file, or stop recording"
        case .history: "show the history, or its lines that contain TEXT"
        }
    }

    /// Further lines of help.
    var details: [String] {
        switch self {
        case .set: Setting.help
        case .record: ["one line of JSON for each event, as printed by --json"]
        case .close: ["codes: 1000 to 1003, 1007 to 1014, and 3000 to 4999"]
        case .binary: ["/binary 00ff10   /binary 00 FF 10   /binary @image.png"]
        default: []
        }
    }

    static let otherHelp = [
        "Keys: Tab completes, Ctrl-R searches the history, Alt-Enter inserts a line break, Ctrl-X Ctrl-E opens an "
            + "editor, Ctrl-S pauses the display, Ctrl-Q resumes it, Ctrl-C clears the line or quits, Ctrl-D closes, "
            + "Ctrl-Z suspends."
    ]
}
