import ArgumentParser
import WebSocketClient
import WebSocketProtocol

/// `wsline serve [HOST:]PORT`: the other end, to try a client against.
struct Serve: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Be a server.",
        usage: "wsline serve --echo [<options>] [<host>:]<port>",
        discussion: """
            Listens until it is interrupted. The host is 127.0.0.1 unless given; port 0 stands for one that the system \
            picks, and the line that says where it listens names it.
            """
    )

    @Argument(help: ArgumentHelp("Where to listen.", valueName: "[host:]port"))
    var address: ListenAddress

    @Flag(help: "Send every message back to the client that it came from.")
    var echo = false

    @Option(
        name: [.customShort("s"), .customLong("subprotocol")],
        help: ArgumentHelp("Speak this subprotocol; may be repeated.", valueName: "name")
    )
    var subprotocols: [String] = []

    @Flag(help: "Do not agree to compression (permessage-deflate).")
    var noCompress = false

    @Option(
        help: ArgumentHelp(
            "Close with 1009 when a message is larger; K, M and G are understood. "
                + "(default: \(ByteCount.defaultMessageSize))",
            valueName: "size"
        ),
        transform: ByteCount.init
    )
    var maxMessageSize = ByteCount.defaultMessageSize

    @Flag(name: .shortAndLong, help: "Say less: errors only.")
    var quiet = false

    func validate() throws {
        guard echo else { throw ValidationError("serve can only echo so far: say --echo") }
        try HandshakeOptions.check(subprotocols: subprotocols)
    }

    func execute() async throws {
        try await EchoServer.run(self)
    }

    /// What is said on standard error.
    var notices: Notices { Notices(verbosity: quiet ? .quiet : .normal) }

    /// The options of the listener that these come to.
    var listenerOptions: Listener.Options {
        var options = Listener.Options()
        options.subprotocols = subprotocols
        options.compresses = !noCompress
        options.limits = Limits(messageSize: maxMessageSize.value)
        return options
    }
}
