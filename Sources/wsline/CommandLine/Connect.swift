import ArgumentParser
import MessageText
import WebSocketTransport

/// `wsline [connect] URL`: sends messages that are typed, piped in or given with `-x`, and prints incoming messages.
struct Connect: RunnableCommand, ConnectionOptions {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        // Without this, the parser first looks for options of a root command, which takes a tenth of a short run.
        _superCommandName: "wsline",
        abstract: "Connect to a WebSocket server",
        usage: "wsline [connect] [<options>] <url>",
        discussion: """
            At a terminal, type messages and commands (/help lists them). Otherwise each line of standard input is sent \
            as a message, and each received message is printed as a line on standard output.

            The URL is ws://…, wss://…, ws+unix:///SOCKET:/PATH, @PROFILE of the configuration file, or echo: for the \
            built-in echo server. Without a scheme, it is ws://. Times are in seconds, or have a unit: 300ms, 2s, 1m. \
            Sizes are in bytes, or have a unit: 16K, 64M, 1G. A secret given as @FILE is read from that file; a \
            credential given as !COMMAND is printed by that command before each attempt to connect.

            Examples:
              wsline wss://example.com/chat              interactive session
              wsline echo: < lines.txt                   one message for each line
              wsline -x '{"op":"status"}' -1 HOST:8080   one request, one reply
            """
    )

    // zsh completes no options before an argument without a completion.
    @Argument(
        help: ArgumentHelp("server to connect to; also -c URL, as in wscat", valueName: "url"),
        completion: .servers
    )
    var url: String

    @OptionGroup(title: "Messages")
    var messages: MessageOptions

    @OptionGroup(title: "Replies")
    var replies: ReplyOptions

    @OptionGroup(title: "Display")
    var display: DisplayOptions

    @OptionGroup(title: "Events and history")
    var events: EventOptions

    @OptionGroup(title: "Settings")
    var settingOptions: SettingOptions

    @OptionGroup(title: "Settings")
    var scrollback: ScrollbackOptions

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

    @OptionGroup(title: "Keepalive and reconnecting")
    var keeping: KeepingOptions

    func validate() throws {
        try check(argument: url)
        try events.check(replies, display)
    }

    var colorMode: ColorMode { display.colorMode }

    func execute() async throws {
        let arguments = WscatArguments.translate(Array(ArgumentBytes.arguments.dropFirst()))
        let (command, file, entries) = try configured(arguments)
        let (inputIsTerminal, outputIsTerminal) = (StandardStreams.isTerminal(0), StandardStreams.isTerminal(1))
        var plan = try command.plan(inputIsTerminal: inputIsTerminal, outputIsTerminal: outputIsTerminal)
        plan.readsConfig = !settingOptions.noConfig
        if let file { try plan.apply(file, entries: entries, display) }
        try await Session.run(plan)
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
        var plan = try SessionPlan(
            target: target,
            try connectOptions(for: target.server, [messages.fragment].compactMap { $0 }),
            input: !messages.readsInput ? .none : inputIsTerminal ? .terminal : .standardInput,
            closing,
            replies,
            display,
            events,
            outputIsTerminal: outputIsTerminal
        )
        plan.messages = try messages.payloads
        plan.repeated = messages.every
        plan.scrollback = scrollback.limit
        plan.framing = messages.streamFraming
        plan.omitsDelimiter = replies.messageLimit == 1 && messages.framing == nil && !messages.null
        plan.replyWait = replies.replyWait(
            receivesOnly: messages.receiveOnly || messages.echo,
            isCommand: !messages.messages.isEmpty
        )
        plan.echoes = messages.echo
        // The messages before a violation are answered too.
        plan.connection.answersEndAtOnce = !messages.echo
        plan.sendsBinary = messages.binary
        plan.pings = keeping.pingInterval.map { ($0, keeping.pingTimeout) }
        plan.reconnect = keeping.reconnect
        plan.exitsWhenDisconnected = keeping.exit
        plan.keepsHistory = !events.noHistory
        return plan
    }

    var target: SessionPlan.Target {
        get throws { try SessionPlan.Target(argument: url) }
    }
}

extension SessionPlan.Target {
    /// The server; nil for the built-in echo server.
    var server: WebSocketURL? { if case .server(let url) = self { url } else { nil } }

    /// Parses a URL, or `echo:`.
    ///
    /// - Throws: `ValidationError` that names the invalid part.
    init(argument: String) throws {
        if argument == "echo:" {
            self = .echo
            return
        }
        if argument.hasPrefix("echo:"), argument.dropFirst(5).first?.isNumber != true {
            throw ValidationError("invalid URL \"\(argument)\": echo: takes no host or path")
        }
        do throws(WebSocketURL.Invalid) {
            self = .server(try WebSocketURL(argument))
        } catch {
            throw ValidationError("invalid URL \"\(Redaction.url(argument))\": \(error)")
        }
    }
}
