import ArgumentParser
import TestScript

/// Options for the opening handshake.
struct HandshakeOptions: ConnectionOptionGroup {
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
        help: ArgumentHelp("Offer this subprotocol; may be repeated, in order of preference.", valueName: "name"),
        transform: ConnectionOption.subprotocol.setting
    )
    var subprotocols: [ConnectionSetting] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Send this Origin header.", valueName: "origin"),
        transform: ConnectionOption.origin.setting
    )
    var origin: ConnectionSetting?

    @Option(
        help: ArgumentHelp("Send this Host header instead of the URL's.", valueName: "name"),
        transform: ConnectionOption.host.setting
    )
    var host: ConnectionSetting?

    @Option(
        help: ArgumentHelp("Send this User-Agent header.", valueName: "text"),
        transform: ConnectionOption.userAgent.setting
    )
    var userAgent: ConnectionSetting?

    @Flag(name: [.customShort("L"), .customLong("location")], help: "Go where the server redirects to.")
    var followsRedirects = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Follow at most this many redirects. (default: 10)", valueName: "n"),
        transform: ConnectionOption.maxRedirects.setting
    )
    var maxRedirects: ConnectionSetting?

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
        transform: ConnectionOption.maxMessageSize.setting
    )
    var maxMessageSize: ConnectionSetting?

    @Flag(name: .customLong("slash"), help: .hidden)
    var acceptsSlash = false

    func validate() throws {
        guard version == 13 else {
            throw ValidationError("version \(version) of WebSocket is not spoken; 13 (RFC 6455) is the only one in use")
        }
        try checkSettings()
    }

    var settings: [ConnectionSetting] {
        get throws {
            let given = [
                origin, host, userAgent, maxRedirects, maxMessageSize,
                ConnectionSetting(.location, if: followsRedirects),
                ConnectionSetting(.redirectToPlain, if: redirectToPlain),
                ConnectionSetting(.noCompress, if: noCompress),
            ]
            return try given.compactMap { $0 } + subprotocols + headers.map { try Self.setting(.header, $0) }
        }
    }
}
