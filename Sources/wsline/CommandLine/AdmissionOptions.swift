import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// Options of `serve` that limit who may connect and how much a client may send.
struct AdmissionOptions: ParsableArguments {
    @Flag(help: "Serve one client, and end with it: with status 0 if it closed as it should.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "Let web pages of this origin connect, such as https://example.com, and those of no other that is not named; may "
                + "be repeated. What is no web page may always connect. (default: all pages)",
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
        help: ArgumentHelp("Take at most this many clients at once; others get 503.", valueName: "n"),
        transform: MessageCount.init
    )
    var maxClients: MessageCount?

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

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Close with 1001 when a client sends nothing for this long.", valueName: "seconds"),
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
        else { throw InvalidValue("an origin is a scheme, a host and perhaps a port, such as https://example.com") }
    }
}
