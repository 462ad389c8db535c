import ArgumentParser
import WebSocketTransport
import WebSocketProtocol

/// `wsline serve [HOST:]PORT`: runs a WebSocket server, to talk with a client or to test it.
struct Serve: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Be a server.",
        usage: "wsline serve [<options>] [<host>:]<port>",
        discussion: """
            At a terminal, lines typed go to all clients, and what they send is shown with their numbers; /help lists the \
            commands. Else lines of standard input go to all clients, once there is one, and each message that comes is \
            printed on a line of standard output. --echo, --broadcast and --script answer without you.

            Listens until it is interrupted; then clients are closed with 1001. The host is 127.0.0.1 unless given: only \
            this machine can connect. Port 0 stands for one that the system picks, and the line that says where it listens \
            names it.

            Examples:
              wsline serve 8080                          talk by hand; also as -l 8080
              wsline serve --echo 8080                   an echo server
              wsline serve --once 0 < answers.txt        one client gets these lines
              wsline serve --once --script chat.ws 8080  does the client say what it should?
            """
    )

    @Argument(
        help: ArgumentHelp("Where to listen: [HOST:]PORT, such as [::1]:8080 for IPv6.", valueName: "address"),
        completion: .list(["8080", "0"]),
        transform: ListenAddress.init
    )
    var address: ListenAddress

    @OptionGroup(title: "What clients get")
    var answers: HandshakeResponseOptions

    @OptionGroup(title: "What is shown")
    var display: DisplayOptions

    @OptionGroup(title: "Who may connect")
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
            servesOnce: admission.once,
            idleTimeout: admission.idleTimeout,
            sendsBinary: answers.binary,
            display: display.settings(outputIsTerminal: outputIsTerminal, variable: StandardStreams.variable),
            verbosity: display.verbosity,
            showsSecrets: display.showSecrets,
            outputIsTerminal: outputIsTerminal
        )
    }
}
