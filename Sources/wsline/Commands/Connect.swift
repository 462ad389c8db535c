import ArgumentParser
import WebSocketClient

/// `wsline [connect] URL`: sends what is typed, piped in or given, and prints what comes.
struct Connect: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Connect to a server.",
        usage: "wsline [connect] [<options>] <url>",
        discussion: """
            At a terminal, type messages and commands (/help lists them). Else lines of standard input are sent, and \
            each message that comes is printed on a line of standard output.

            URL is ws://…, wss://…, ws+unix:///SOCKET:/PATH, or echo: for a server inside wsline that sends everything \
            back. Without a scheme it is ws://.

            Examples:
              wsline wss://example.com/chat            talk by hand
              wsline echo: < lines.txt                 pipe lines through
              wsline -x '{"op":"status"}' -1 HOST:8080   one question, one answer
            """
    )

    @Argument(help: ArgumentHelp("The server; also as -c URL, as wscat has it.", valueName: "url"))
    var url: String

    @OptionGroup(title: "Messages")
    var messages: MessageOptions

    @OptionGroup(title: "What is shown")
    var display: DisplayOptions

    @OptionGroup(title: "Handshake")
    var handshake: HandshakeOptions

    @OptionGroup(title: "Credentials")
    var credentials: CredentialOptions

    @OptionGroup(title: "TLS")
    var tls: TLSCommandOptions

    @OptionGroup(title: "Network")
    var network: NetworkOptions

    @OptionGroup(title: "Keeping a connection")
    var keeping: KeepingOptions

    @OptionGroup(title: "Closing")
    var closing: ClosingOptions

    func validate() throws {
        _ = try target
        if messages.sendOnly, display.json {
            throw ValidationError("--send-only and --json exclude each other: --json prints every event")
        }
    }

    func execute() async throws {
        try await Session.run(self)
    }

    /// Puts the options together.
    ///
    /// - Parameters:
    ///   - inputIsTerminal: whether somebody types at standard input.
    ///   - outputIsTerminal: whether somebody reads standard output as it is.
    /// - Returns: the plan of the run.
    /// - Throws: `ValidationError` for a URL that can't be used.
    func plan(inputIsTerminal: Bool, outputIsTerminal: Bool) throws -> SessionPlan {
        let timeLimit = messages.maxTime.map { (value: $0, end: ContinuousClock.now + $0.duration) }
        let target = try target
        return SessionPlan(
            target: target,
            connection: try connectOptions(for: target),
            messages: messages.messages,
            input: !messages.readsInput ? .none : inputIsTerminal ? .terminal : .standardInput,
            framing: messages.streamFraming,
            wait: messages.sessionWait,
            messageLimit: messages.messageLimit,
            expectations: messages.expect,
            timeout: messages.sessionTimeout,
            timeLimit: timeLimit,
            pings: keeping.pingInterval.map { ($0, keeping.pingTimeout) },
            reconnect: keeping.reconnect,
            closeFrame: try closing.closeFrame,
            printsMessages: !messages.sendOnly,
            sendsBinary: messages.binary,
            display: display.settings(outputIsTerminal: outputIsTerminal, variable: StandardStreams.variable),
            printsEvents: display.json,
            recording: display.record,
            keepsHistory: !display.noHistory,
            verbosity: display.verbosity,
            outputIsTerminal: outputIsTerminal
        )
    }

    private func connectOptions(for target: SessionPlan.Target) throws(Diagnostic) -> ConnectOptions {
        var options = ConnectOptions()
        options.closeTimeout = closing.closeTimeout.timeAmount
        options.fragmentSize = messages.fragment?.value
        try handshake.apply(to: &options)
        try tls.apply(to: &options, StandardStreams.variable)
        try network.apply(to: &options, StandardStreams.variable)
        if let limit = messages.maxTime { options.connectTimeout = min(options.connectTimeout, limit.timeAmount) }
        guard case .server(let url) = target else { return options }
        try credentials.apply(to: &options, for: url)
        // What a crash leaves behind is readable to others than the user.
        if credentials.hasSecrets || tls.cert != nil || url.credentials != nil { CoreDumps.forbid() }
        return options
    }

    private var target: SessionPlan.Target {
        get throws {
            if url == "echo:" { return .echo }
            if url.hasPrefix("echo:"), url.dropFirst(5).first?.isNumber != true {
                throw ValidationError("echo: has no host or path, not \"\(url.dropFirst(5))\"")
            }
            do throws(WebSocketURL.Invalid) {
                return .server(try WebSocketURL(url))
            } catch {
                throw ValidationError("the URL \"\(url)\" cannot be used: \(error)")
            }
        }
    }
}
