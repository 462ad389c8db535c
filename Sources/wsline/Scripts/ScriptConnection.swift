import ArgumentParser
import MessageText
import WebSocketTransport

/// The options of a script's connection, read as those of `wsline connect` are.
struct ScriptConnectionArguments: ParsableArguments, ConnectionOptions {
    @OptionGroup var handshake: HandshakeOptions
    @OptionGroup var credentials: CredentialOptions
    @OptionGroup var tls: TLSCommandOptions
    @OptionGroup var identity: IdentityOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var closing: ClosingOptions

    @Option(parsing: .unconditional, help: .hidden, transform: ByteCount.init)
    var fragment: ByteCount?

    /// Reads options.
    ///
    /// - Throws: `InvalidValue`, in the words of a command line.
    static func read(_ arguments: [String]) throws(InvalidValue) -> ScriptConnectionArguments {
        do {
            return try parsed(arguments)
        } catch {
            let message = message(for: error).split(separator: "\n").joined(separator: " ")
            throw InvalidValue(Redaction.withoutSecrets(message, ofArguments: arguments))
        }
    }

    /// Reads options; nil when they can't be read. To say why takes much longer.
    static func readable(_ arguments: [String]) -> ScriptConnectionArguments? { try? parsed(arguments) }

    private static func parsed(_ arguments: [String]) throws -> ScriptConnectionArguments {
        var options = try parse(arguments)
        // Nobody is there to be asked for one.
        let given = options.identity.passphrase
        options.identity.passphrase = given ?? ""
        return options
    }

    /// The options of a dialer.
    ///
    /// - Throws: `Failure` for a file that can't be read.
    func connectOptions(for url: WebSocketURL?) throws(Failure) -> ConnectionConfiguration {
        try connectOptions(for: url, fragmentSize: fragment)
    }
}

/// What a script connects to.
enum ScriptTarget {
    /// Reads a URL; nil stands for `echo:`.
    ///
    /// - Throws: `InvalidValue`.
    static func read(_ text: String) throws(InvalidValue) -> WebSocketURL? {
        guard text != "echo:" else { return nil }
        do throws(WebSocketURL.Invalid) {
            return try WebSocketURL(text)
        } catch {
            throw InvalidValue("the URL \"\(Redaction.url(text))\" cannot be used: \(error)")
        }
    }
}
