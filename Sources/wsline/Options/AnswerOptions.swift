import ArgumentParser
import WebSocketClient

/// What the clients of a server get.
struct AnswerOptions: ParsableArguments {
    @Flag(help: "Send every message back to the client that it came from.")
    var echo = false

    @Flag(help: "Send every message to all other clients.")
    var broadcast = false

    @Flag(name: .shortAndLong, help: "Send binary messages.")
    var binary = false

    @Option(
        name: [.customShort("s"), .customLong("subprotocol")],
        help: ArgumentHelp("Speak this subprotocol; may be repeated.", valueName: "name")
    )
    var subprotocols: [String] = []

    @Option(
        name: [.customShort("H"), .customLong("header")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Send this header with the answer to the opening handshake; may be repeated. @FILE has one on each line.",
            valueName: "name:value"
        )
    )
    var headers: [String] = []

    @Flag(help: "Do not agree to compression (permessage-deflate).")
    var noCompress = false

    @Flag(name: .customLong("slash"), help: .hidden)
    var acceptsSlash = false

    /// Those that the handshake itself decides.
    private static let ownHeaders = [
        "upgrade", "connection", "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-protocol",
        "content-length", "transfer-encoding",
    ]

    func validate() throws {
        if echo, broadcast { throw ValidationError("--echo and --broadcast exclude each other") }
        if binary, echo || broadcast {
            throw ValidationError("--binary is about what is typed or read, and --echo and --broadcast do neither")
        }
        try HandshakeOptions.check(subprotocols: subprotocols)
        for header in headers {
            do throws(InvalidValue) {
                if case .header(let header) = try HeaderSource(header) { try Self.check(header) }
            } catch {
                throw ValidationError("the header \"\(header)\" cannot be sent: \(error)")
            }
        }
    }

    private static func check(_ header: HeaderField) throws(InvalidValue) {
        guard !ownHeaders.contains(header.name.lowercased()) else {
            throw InvalidValue("the handshake has its own \(header.name)")
        }
    }

    /// Puts these options into those of the listener.
    ///
    /// - Throws: `Diagnostic` for a file of headers that can't be read, or a header in it that can't be sent.
    func apply(to options: inout Listener.Options) throws(Diagnostic) {
        options.subprotocols = subprotocols
        options.compresses = !noCompress
        for header in headers {
            // They were looked at before.
            guard let source = try? HeaderSource(header) else { continue }
            for header in try source.read() {
                do throws(InvalidValue) {
                    try Self.check(header)
                } catch {
                    throw Diagnostic(.usage, "the header \"\(header.name)\" cannot be sent: \(error)")
                }
                options.headers.append((header.name, header.value))
            }
        }
    }
}
