import ArgumentParser
import MessageText
import WebSocketTransport

/// `wsline [connect] URL`: sends messages that are typed, piped in or given with `-x`, and prints incoming messages.
struct Connect: RunnableCommand, ConnectionOptions {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        // Without this, the parser first looks for options of a root command, which takes a tenth of a short run.
        _superCommandName: "wsline",
        abstract: "Connect to a server.",
        usage: "wsline [connect] [<options>] <url>",
        discussion: """
            At a terminal, type messages and commands (/help lists them). Else lines of standard input are sent, and \
            each message that comes is printed on a line of standard output.

            URL is ws://…, wss://…, ws+unix:///SOCKET:/PATH, or echo: for a server inside wsline that sends everything \
            back. Without a scheme it is ws://.

            Examples:
              wsline wss://example.com/chat              talk by hand
              wsline echo: < lines.txt                   pipe lines through
              wsline -x '{"op":"status"}' -1 HOST:8080   one question, one answer
            """
    )

    // zsh completes no options before an argument without a completion.
    @Argument(
        help: ArgumentHelp("The server; also as -c URL, as wscat has it.", valueName: "url"),
        completion: .list(["localhost"])
    )
    var url: String

    @OptionGroup(title: "Messages")
    var messages: MessageOptions

    @OptionGroup(title: "Replies")
    var replies: ReplyOptions

    @OptionGroup(title: "What is shown")
    var display: DisplayOptions

    @OptionGroup(title: "What is kept")
    var events: EventOptions

    @OptionGroup(title: "Handshake")
    var handshake: HandshakeOptions

    @OptionGroup(title: "Credentials")
    var credentials: CredentialOptions

    @OptionGroup(title: "TLS")
    var tls: TLSCommandOptions

    @OptionGroup(title: "TLS")
    var identity: IdentityOptions

    @OptionGroup(title: "Network")
    var network: NetworkOptions

    @OptionGroup(title: "Closing")
    var closing: ClosingOptions

    @OptionGroup(title: "Keeping a connection")
    var keeping: KeepingOptions

    func validate() throws {
        try check(target)
        try events.check(replies, display)
    }

    var colorMode: ColorMode { display.colorMode }

    func execute() async throws {
        try await Session.run(
            plan(inputIsTerminal: StandardStreams.isTerminal(0), outputIsTerminal: StandardStreams.isTerminal(1))
        )
    }

    /// Builds the plan of the session from the options.
    ///
    /// - Parameters:
    ///   - inputIsTerminal: whether standard input is a terminal.
    ///   - outputIsTerminal: whether standard output is a terminal.
    /// - Returns: the plan of the session.
    /// - Throws: `ValidationError` for an invalid URL, `Failure` for a message that cannot be sent.
    func plan(inputIsTerminal: Bool, outputIsTerminal: Bool) throws -> SessionPlan {
        let target = try target
        let url: WebSocketURL? = if case .server(let url) = target { url } else { nil }
        var plan = try SessionPlan(
            target: target,
            try connectOptions(for: url, fragment: messages.fragment),
            input: !messages.readsInput ? .none : inputIsTerminal ? .terminal : .standardInput,
            closing,
            replies,
            display,
            events,
            outputIsTerminal: outputIsTerminal
        )
        plan.messages = try messages.payloads
        plan.framing = messages.streamFraming
        plan.omitsDelimiter = replies.messageLimit == 1 && messages.framing == nil && !messages.null
        plan.replyWait = replies.replyWait(receivesOnly: messages.receiveOnly, isCommand: !messages.messages.isEmpty)
        plan.sendsBinary = messages.binary
        plan.pings = keeping.pingInterval.map { ($0, keeping.pingTimeout) }
        plan.reconnect = keeping.reconnect
        plan.exitsWhenDisconnected = keeping.exit
        plan.keepsHistory = !events.noHistory
        return plan
    }

    private var target: SessionPlan.Target {
        get throws { try SessionPlan.Target(argument: url) }
    }
}

extension SessionPlan.Target {
    /// Parses a URL, or `echo:`.
    ///
    /// - Throws: `ValidationError` that names the invalid part.
    init(argument: String) throws {
        if argument == "echo:" {
            self = .echo
            return
        }
        if argument.hasPrefix("echo:"), argument.dropFirst(5).first?.isNumber != true {
            throw ValidationError("echo: has no host or path, not \"\(argument.dropFirst(5))\"")
        }
        do throws(WebSocketURL.Invalid) {
            self = .server(try WebSocketURL(argument))
        } catch {
            throw ValidationError("the URL \"\(Redaction.url(argument))\" cannot be used: \(error)")
        }
    }
}
