/// The names of the commands of a session, and their help.
enum CommandName: String, NamedCommand {
    case ping, pong, close, quit, help, info, send, binary, edit, reconnect, set, record, history
    case show, save, find, copy
    case filter, on, pipe
    case again, `repeat`, snippets, snippet

    /// The arguments, as shown after the name.
    var arguments: String {
        switch self {
        case .ping, .pong: " [DATA]"
        case .close: " [CODE [REASON]]"
        case .help: " [COMMAND]"
        case .send: " [-l] FILE"
        case .binary: " HEX|@FILE"
        case .reconnect: " [URL|@PROFILE]"
        case .set: " [NAME [VALUE]]"
        case .record: " FILE|stop"
        case .history: " [N|TEXT]"
        case .show, .copy: " [N]"
        case .save: " FILE [N]"
        case .find: " TEXT|~REGEX"
        case .filter: " [[!]PATTERN|off]"
        case .on: " [PATTERN TEXT|off]"
        case .pipe: " COMMAND|off"
        case .repeat: " [TIME TEXT|stop]"
        case .snippet: " NAME TEXT"
        case .quit, .info, .edit, .again, .snippets: ""
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
        case .send: "send a file as one message, or with -l each line of it"
        case .binary: "send a binary message: hexadecimal digits, or a file"
        case .edit: "edit a message in $VISUAL or $EDITOR; then press Enter to send it"
        case .reconnect: "reconnect, or connect to another server"
        case .set: "show or change how messages are displayed"
        case .record: "append all further events to a file, or stop recording"
        case .history: "show the history, or lines with TEXT; or edit line N"
        case .show: "show a whole message, in $PAGER if it is long"
        case .save: "save the exact bytes of a message to a new file"
        case .find: "list the messages that contain TEXT or match REGEX"
        case .copy: "copy a message to the clipboard of the terminal"
        case .filter: "show only messages that match, or with ! hide them"
        case .on: "send TEXT whenever a message matches"
        case .pipe: "show messages through a shell command"
        case .again: "send the last message again"
        case .repeat: "send a message now and at an interval"
        case .snippets: "list the snippets"
        case .snippet: "add a snippet, which /NAME sends, for this session"
        }
    }

    /// Further lines of help.
    var details: [String] {
        switch self {
        case .set: Setting.help
        case .filter: Self.filterHelp
        case .on: Self.onHelp
        case .pipe: ["/pipe jq -c .data   /pipe grep --line-buffered BTC"]
        case .record: ["one line of JSON for each event, as printed by --json"]
        case .close: ["codes: 1000 to 1003, 1007 to 1014, and 3000 to 4999"]
        case .show, .save, .copy:
            ["N is the number of a message (/set numbers on), or -2 for the last incoming message but one"]
        case .send: ["as text if it is UTF-8 and -b is not given"]
        case .history: ["!N also puts line N on the prompt, and !!N sends !N"]
        case .repeat: ["/repeat lists the repeated messages, /repeat stop stops them"]
        case .snippet: ["$1 to $9 in TEXT stand for the arguments of /NAME, ${NAME} for a variable"]
        case .binary: ["/binary 00ff10   /binary 00 FF 10   /binary @image.png"]
        default: []
        }
    }

    static let filterHelp = [
        "a PATTERN is a text that the message contains, ~REGEX or {JSON}; several filters must all hold",
        "/filter {\"type\":\"trade\"}   /filter !heartbeat   /filter ~BTC|ETH   /filter off",
    ]
    static let onHelp = [
        "a PATTERN is the text of the message, ~REGEX or {JSON}; ${NAME} in TEXT is a value that it captures",
        "/on {\"type\":\"ping\",\"id\":*id} {\"type\":\"pong\",\"id\":${id}}   /on off   /on off PATTERN",
    ]

    static let otherHelp = [
        "Keys: Tab completes, Ctrl-R searches the history, Alt-Enter inserts a line break, Ctrl-X Ctrl-E opens an "
            + "editor, Ctrl-S pauses the display, Ctrl-Q resumes it, Ctrl-C clears the line or quits, Ctrl-D closes, "
            + "Ctrl-Z suspends."
    ]
}
