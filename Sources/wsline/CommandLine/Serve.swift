import ArgumentParser
import WebSocketTransport
import WebSocketProtocol

/// `wsline serve [HOST:]PORT`: runs a WebSocket server, to talk with a client or to test it.
struct Serve: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a WebSocket server",
        usage: "wsline serve [<options>] [<host>:]<port>",
        discussion: """
            At a terminal, the lines you type are sent to all clients, and their messages are shown with the number of \
            the client; /help lists the commands. Otherwise the lines of standard input are sent to all clients, as soon \
            as one has connected, and each received message is printed as a line on standard output. --echo, --broadcast \
            and --script reply automatically.

            The server runs until it is interrupted, then closes all connections with 1001. Without a host it listens \
            on 127.0.0.1, so that only this machine can connect. For port 0 the system picks a free port, which is \
            printed on standard error.

            Examples:
              wsline serve 8080                          interactive session (or -l 8080)
              wsline serve --echo 8080                   echo server
              wsline serve --once 0 < answers.txt        send these lines to one client
              wsline serve --once --script chat.ws 8080  test a client against a script
            """
    )

    @Argument(
        help: ArgumentHelp("port to listen on, or HOST:PORT, such as [::1]:8080", valueName: "address"),
        completion: .list(["8080", "0"]),
        transform: ListenAddress.init
    )
    var address: ListenAddress

    @OptionGroup(title: "Responses")
    var answers: HandshakeResponseOptions

    @OptionGroup(title: "Display")
    var display: DisplayOptions

    @OptionGroup(title: "Settings")
    var scrollback: ScrollbackOptions

    @OptionGroup(title: "Clients")
    var admission: AdmissionOptions

    @OptionGroup(title: "TLS")
    var identity: IdentityOptions

    var colorMode: ColorMode { display.colorMode }

    func execute() async throws {
        try await Server.run(
            plan(
                inputIsTerminal: StandardStreams.isTerminal(0),
                outputIsTerminal: StandardStreams.isTerminal(1)
            )
        )
    }

    /// Builds the plan of the server from the options.
    ///
    /// - Parameters:
    ///   - inputIsTerminal: whether standard input is a terminal.
    ///   - outputIsTerminal: whether standard output is a terminal.
    /// - Returns: the plan of the server.
    /// - Throws: `Failure` for a file that cannot be read.
    func plan(inputIsTerminal: Bool, outputIsTerminal: Bool) throws -> ServePlan {
        var options = Listener.Options()
        try answers.apply(to: &options)
        admission.apply(to: &options)
        options.identity = try identity.read()
        return ServePlan(
            address: address,
            listener: options,
            mode: try answers.mode ?? (inputIsTerminal ? .interactive : .pipe),
            rules: answers.rules.rules,
            servesOnce: admission.once,
            idleTimeout: admission.idleTimeout,
            sendsBinary: answers.binary,
            display: display.settings(outputIsTerminal: outputIsTerminal, variable: StandardStreams.variable),
            scrollback: scrollback.limit,
            verbosity: display.verbosity,
            showsSecrets: display.showSecrets,
            outputIsTerminal: outputIsTerminal
        )
    }
}
