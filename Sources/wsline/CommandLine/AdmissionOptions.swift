import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// Options of `serve` that limit who may connect and how much a client may send.
struct AdmissionOptions: ParsableArguments {
    @Flag(help: "serve one client, then exit, with status 0 if it closed normally")
    var once = false

    @Option(
        help: ArgumentHelp(
            "accept web pages of this origin only, such as https://example.com; may be repeated (default: all pages)",
            valueName: "origin"
        ),
        transform: { text throws(InvalidValue) in
            try AdmissionOptions.checkOrigin(text)
            return text
        }
    )
    var allowOrigin: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("accept at most this many clients at once; reject others with 503", valueName: "n"),
        transform: MessageCount.init
    )
    var maxClients: MessageCount?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "maximum size of received messages (default: \(ByteCount.defaultMessageSize))",
            valueName: "size"
        ),
        transform: ByteCount.init
    )
    var maxMessageSize = ByteCount.defaultMessageSize

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("close with 1001 when a client sends nothing for this long", valueName: "seconds"),
        transform: Seconds.aboveZero
    )
    var idleTimeout: Seconds?

    /// Sets these options on the listener's.
    func apply(to options: inout Listener.Options) {
        options.allowedOrigins = allowOrigin
        options.maximumClients = maxClients?.value
        options.clientLimit = once ? 1 : nil
        options.limits = Limits(messageSize: maxMessageSize.value)
    }

    /// Rejects an origin that no browser sends (RFC 6454, section 6.2), since it would match no client.
    private static func checkOrigin(_ text: String) throws(InvalidValue) {
        guard text != "null" else { return }
        let parts = text.split(separator: "://", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
            text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), !parts[1].contains(where: { "/?#@".contains($0) })
        else { throw InvalidValue("must be a scheme, a host and an optional port, such as https://example.com") }
    }
}
