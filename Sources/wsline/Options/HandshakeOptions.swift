import ArgumentParser
import WebSocketClient
import WebSocketProtocol

/// What the request says and how the server's answer is judged.
struct HandshakeOptions: ParsableArguments {
    @Option(
        name: [.customShort("H"), .customLong("header")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Send this header with the request; may be repeated. Without a value, leave the header out.",
            valueName: "name:value"
        ),
        transform: HeaderField.init
    )
    var headers: [HeaderField] = []

    @Option(
        name: [.customShort("s"), .customLong("subprotocol")],
        help: ArgumentHelp("Offer this subprotocol; may be repeated, in order of preference.", valueName: "name")
    )
    var subprotocols: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("Send this Origin header.", valueName: "origin"))
    var origin: String?

    @Option(
        help: ArgumentHelp("Trust the authorities in this file (PEM) instead of the system's.", valueName: "file")
    )
    var ca: String?

    @Flag(
        name: [.customShort("n"), .customLong("no-check"), .customShort("k"), .customLong("insecure")],
        help: "Accept any TLS certificate."
    )
    var acceptsAnyCertificate = false

    @Flag(help: "Do not offer compression (permessage-deflate).")
    var noCompress = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Give up when no connection is open after this long. (default: \(Seconds.defaultConnectTimeout))",
            valueName: "seconds"
        ),
        transform: Seconds.aboveZero
    )
    var connectTimeout = Seconds.defaultConnectTimeout

    @Option(
        help: ArgumentHelp(
            "Close with 1009 when a message is larger; K, M and G are understood. "
                + "(default: \(ByteCount.defaultMessageSize))",
            valueName: "size"
        ),
        transform: ByteCount.init
    )
    var maxMessageSize = ByteCount.defaultMessageSize

    func validate() throws {
        try Self.check(subprotocols: subprotocols)
        if let origin, (try? HeaderField("Origin:\(origin)")) == nil {
            throw ValidationError("the origin has a control character")
        }
    }

    /// Refuses names of subprotocols that are no tokens (RFC 6455, section 4.1).
    static func check(subprotocols: [String]) throws {
        for name in subprotocols where name.isEmpty || !name.utf8.allSatisfy(Token.contains) {
            throw ValidationError("the subprotocol \"\(name)\" has a character that none may have")
        }
    }

    /// The options of the connection that these come to.
    var connectOptions: ConnectOptions {
        var options = ConnectOptions()
        options.headers = origin.map { [("Origin", $0)] } ?? []
        options.headers += headers.map { ($0.name, $0.value) }
        options.subprotocols = subprotocols
        options.offersCompression = !noCompress
        options.acceptsAnyCertificate = acceptsAnyCertificate
        options.authorities = ca
        options.connectTimeout = connectTimeout.timeAmount
        options.limits = Limits(messageSize: maxMessageSize.value)
        return options
    }
}
