import ArgumentParser
import TestScript

/// Options for the opening handshake.
struct HandshakeOptions: ConnectionOptionGroup {
    @Option(
        name: [.customShort("H"), .customLong("header")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "send this header; may be repeated; without a value, remove the header; @FILE reads one header per line",
            valueName: "name:value"
        )
    )
    var headers: [String] = []

    @Option(
        name: [.customShort("s"), .customLong("subprotocol")],
        help: ArgumentHelp("offer this subprotocol; may be repeated", valueName: "name"),
        transform: ConnectionOption.subprotocol.setting
    )
    var subprotocols: [ConnectionSetting] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("send this Origin header", valueName: "origin"),
        transform: ConnectionOption.origin.setting
    )
    var origin: ConnectionSetting?

    @Option(
        help: ArgumentHelp("send this Host header instead of the host of the URL", valueName: "name"),
        transform: ConnectionOption.host.setting
    )
    var host: ConnectionSetting?

    @Option(
        name: [.long, .customShort("A")],
        help: ArgumentHelp("send this User-Agent header", valueName: "text"),
        transform: ConnectionOption.userAgent.setting
    )
    var userAgent: ConnectionSetting?

    @Flag(name: [.customShort("L"), .customLong("location")], help: "follow redirects")
    var followsRedirects = false

    @Option(
        name: [.long, .customLong("max-redirs")],
        parsing: .unconditional,
        help: ArgumentHelp("follow at most this many redirects (default: 10)", valueName: "n"),
        transform: ConnectionOption.maxRedirects.setting
    )
    var maxRedirects: ConnectionSetting?

    @Flag(help: "also follow redirects from wss:// to ws://")
    var redirectToPlain = false

    @Flag(help: "do not offer compression (permessage-deflate)")
    var noCompress = false

    @Option(
        name: [.customShort("p"), .customLong("protocol")],
        parsing: .unconditional,
        help: ArgumentHelp("WebSocket version; only 13 is supported", valueName: "version")
    )
    var version = 13

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "maximum size of received messages (default: \(ByteCount.defaultMessageSize))",
            valueName: "size"
        ),
        transform: ConnectionOption.maxMessageSize.setting
    )
    var maxMessageSize: ConnectionSetting?

    @Flag(name: .customLong("slash"), help: .hidden)
    var acceptsSlash = false

    func validate() throws {
        guard version == 13 else {
            throw ValidationError("WebSocket version \"\(version)\" is not supported; use 13")
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
