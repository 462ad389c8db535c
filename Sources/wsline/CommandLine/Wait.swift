import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport

/// The command `wsline wait URL`, which waits until a server accepts connections.
struct Wait: RunnableCommand, ConnectionOptions {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until a server accepts connections",
        usage: "wsline wait [<options>] <url>",
        discussion: """
            Retries until the server accepts the opening handshake or, if no credentials are given, asks for them. \
            Prints nothing. Exits with 0 once the server is ready, or with 75 after the time limit.
            """
    )

    @Argument(help: ArgumentHelp("the server, or @PROFILE", valueName: "url"), completion: .servers)
    var url: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("maximum time to wait (default: 30s)", valueName: "time"),
        transform: Seconds.init
    )
    var limit: Seconds?

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

    func validate() throws {
        try check(argument: url)
    }

    var colorMode: ColorMode { .auto }

    func execute() async throws {
        let (target, configuration) = try connection(to: url)
        guard let server = target.server else { return }
        let limit = limit?.duration ?? ServerWait.defaultLimit
        let hasCredentials =
            configuration.authorization != nil || configuration.headers.contains { Redaction.isSecret($0.name) }
        try await ServerWait(
            url: server,
            configuration: configuration,
            limit: limit,
            acceptsUnauthorized: !hasCredentials
        ).run()
    }
}
