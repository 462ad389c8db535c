import ArgumentParser
import MessageText
import WebSocketTransport
import WebSocketProtocol

/// What the request says and how the server's answer is judged.
struct HandshakeOptions: ParsableArguments {
    @Option(
        name: [.customShort("H"), .customLong("header")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Send this header with the request; may be repeated. Without a value, leave the header out. @FILE has one on "
                + "each line.",
            valueName: "name:value"
        )
    )
    var headers: [String] = []

    @Option(
        name: [.customShort("s"), .customLong("subprotocol")],
        help: ArgumentHelp("Offer this subprotocol; may be repeated, in order of preference.", valueName: "name")
    )
    var subprotocols: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("Send this Origin header.", valueName: "origin"))
    var origin: String?

    @Option(help: ArgumentHelp("Send this Host header instead of the URL's.", valueName: "name"))
    var host: String?

    @Option(help: ArgumentHelp("Send this User-Agent header.", valueName: "text"))
    var userAgent: String?

    @Flag(name: [.customShort("L"), .customLong("location")], help: "Go where the server redirects to.")
    var followsRedirects = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Follow at most this many redirects. (default: 10)", valueName: "n"),
        transform: MessageCount.init
    )
    var maxRedirects: MessageCount?

    @Flag(help: "Follow a redirect from wss:// to ws:// too.")
    var redirectToPlain = false

    @Flag(help: "Do not offer compression (permessage-deflate).")
    var noCompress = false

    @Option(
        name: [.customShort("p"), .customLong("protocol")],
        parsing: .unconditional,
        help: ArgumentHelp("The version of WebSocket: 13, and there is no other.", valueName: "version")
    )
    var version = 13

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Close with 1009 when a message is larger; K, M and G are understood. "
                + "(default: \(ByteCount.defaultMessageSize))",
            valueName: "size"
        ),
        transform: ByteCount.init
    )
    var maxMessageSize = ByteCount.defaultMessageSize

    @Flag(name: .customLong("slash"), help: .hidden)
    var acceptsSlash = false

    func validate() throws {
        try Self.check(subprotocols: subprotocols)
        for header in headers {
            do throws(InvalidValue) {
                _ = try HeaderSource(header)
            } catch {
                // The rest may be a secret.
                let start = header.prefix { $0 != " " && $0 != ":" }.prefix(40)
                throw ValidationError("the header that begins with \"\(start)\" cannot be sent: \(error)")
            }
        }
        guard version == 13 else {
            throw ValidationError("version \(version) of WebSocket is not spoken; 13 (RFC 6455) is the only one in use")
        }
        for (name, value) in named where (try? HeaderField("\(name):\(value)")) == nil {
            throw ValidationError("the value for \(name) has a control character")
        }
        if maxRedirects != nil || redirectToPlain, !followsRedirects {
            throw ValidationError("--max-redirects and --redirect-to-plain go with -L")
        }
    }

    /// Refuses names of subprotocols that are no tokens (RFC 6455, section 4.1).
    static func check(subprotocols: [String]) throws {
        for name in subprotocols where name.isEmpty || !name.utf8.allSatisfy(Token.contains) {
            throw ValidationError("the subprotocol \"\(name)\" has a character that none may have")
        }
    }

    private var named: [(String, String)] {
        [("Origin", origin), ("Host", host), ("User-Agent", userAgent)].compactMap { name, value in
            value.map { (name, $0) }
        }
    }

    /// Puts these options into those of the connection.
    ///
    /// - Throws: `Failure` for a file of headers that can't be read.
    func apply(to options: inout ConnectionConfiguration) throws(Failure) {
        options.headers += named
        for header in headers {
            // They were looked at before.
            guard let source = try? HeaderSource(header) else { continue }
            for header in try source.read() { options.headers.append((header.name, header.value)) }
        }
        options.subprotocols = subprotocols
        options.offersCompression = !noCompress
        options.maximumRedirects = followsRedirects ? maxRedirects?.value ?? 10 : 0
        options.followsToPlain = redirectToPlain
        options.limits = Limits(messageSize: maxMessageSize.value)
    }
}
