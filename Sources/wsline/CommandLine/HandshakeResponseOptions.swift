import ArgumentParser
import MessageText
import TestScript
import WebSocketTransport

/// Options for how `serve` responds to its clients.
struct HandshakeResponseOptions: ParsableArguments {
    @Flag(help: "send every message back to its sender")
    var echo = false

    @Flag(help: "send every message to all other clients")
    var broadcast = false

    @Option(
        help: ArgumentHelp(
            "run this test script for each client; see wsline-script(5)",
            valueName: "file"
        ),
        completion: .file()
    )
    var script: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("set a variable of the script; may be repeated", valueName: "name=value"),
        transform: GivenVariable.init
    )
    var set: [GivenVariable] = []

    @OptionGroup
    var rules: RuleOptions

    @Flag(name: .shortAndLong, help: "send binary messages")
    var binary = false

    @Option(
        name: [.customShort("s"), .customLong("subprotocol")],
        help: ArgumentHelp("support this subprotocol; may be repeated", valueName: "name")
    )
    var subprotocols: [String] = []

    @Option(
        name: [.customShort("H"), .customLong("header")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "send this header with the handshake response; may be repeated; @FILE reads one header per line",
            valueName: "name:value"
        )
    )
    var headers: [String] = []

    @Flag(help: "do not accept compression (permessage-deflate)")
    var noCompress = false

    @Flag(help: "accept HTTP/1.1 only, not HTTP/2")
    var http1 = false

    @Flag(name: .customLong("slash"), help: .hidden)
    var acceptsSlash = false

    /// Headers that the handshake sets itself.
    private static let ownHeaders = [
        "upgrade", "connection", "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-protocol",
        "content-length", "transfer-encoding",
    ]

    func validate() throws {
        let answering = [(echo, "--echo"), (broadcast, "--broadcast"), (script != nil, "--script")].filter(\.0).map(\.1)
        if answering.count > 1 {
            throw ValidationError("\(answering.joined(separator: " and ")) cannot be used together")
        }
        if binary, let other = answering.first {
            throw ValidationError("--binary and \(other) cannot be used together")
        }
        if !rules.rules.isEmpty, let other = answering.first {
            throw ValidationError("--on and \(other) cannot be used together")
        }
        if !set.isEmpty, script == nil { throw ValidationError("--set requires --script") }
        for name in subprotocols {
            do throws(InvalidValue) {
                try ConnectionOption.check(subprotocol: name)
            } catch {
                throw ValidationError("invalid subprotocol \"\(name)\": \(error)")
            }
        }
        for header in headers {
            do throws(InvalidValue) {
                if case .header(let header) = try HeaderSource(header) { try Self.check(header) }
            } catch {
                throw ValidationError("invalid header \"\(header)\": \(error)")
            }
        }
    }

    /// The mode in which the server answers clients by itself; nil if a user or a pipe answers.
    ///
    /// - Throws: `Failure` for a script that cannot be read or has mistakes.
    var mode: ServePlan.Mode? {
        get throws {
            if echo { return .echo }
            if broadcast { return .broadcast }
            guard let script else { return nil }
            let variables = GivenVariable.dictionary(set)
            let read = try ScriptFiles.read(script, .server) { Variables(given: variables)[$0] }
            switch read {
            case .success(let script): return .script(ScriptPlayer(script, variables))
            case .failure(let problems): throw TestPlan.report(problems.list)
            }
        }
    }

    private static func check(_ header: HeaderField) throws(InvalidValue) {
        guard !ownHeaders.contains(header.name.lowercased()) else {
            throw InvalidValue("the handshake sets it")
        }
    }

    /// Sets these options on the listener's.
    ///
    /// - Throws: `Failure` for a file of headers that cannot be read, or for a header in it that cannot be sent.
    func apply(to options: inout Listener.Options) throws {
        options.subprotocols = subprotocols
        options.compresses = !noCompress
        options.acceptsHTTP2 = !http1
        for header in headers {
            // `validate` has already parsed them.
            guard let source = try? HeaderSource(header) else { continue }
            for header in try source.read() {
                do throws(InvalidValue) {
                    try Self.check(header)
                } catch {
                    throw Failure(.usage, "invalid header \"\(header.name)\": \(error)")
                }
                options.headers.append((header.name, header.value))
            }
        }
    }
}
