import ArgumentParser
import TestScript
import WebSocketTransport

/// Options for the TLS certificate of this end.
struct IdentityOptions: ConnectionOptionGroup {
    @Option(
        help: ArgumentHelp(
            "Show this certificate (PEM or PKCS#12): to a server that asks, or as a server, which speaks TLS (wss://) then.",
            valueName: "file"
        ),
        completion: .file(),
        transform: ConnectionOption.cert.setting
    )
    var cert: ConnectionSetting?

    @Option(
        help: ArgumentHelp("The key (PEM) of --cert, where it stands in another file.", valueName: "file"),
        completion: .file(),
        transform: ConnectionOption.key.setting
    )
    var key: ConnectionSetting?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The passphrase of the key, which is asked for when it is left out; @FILE has it.",
            valueName: "[text]"
        )
    )
    var passphrase: String?

    func validate() throws { try checkSettings() }

    var settings: [ConnectionSetting] {
        get throws { try [cert, key, passphrase.map { try Self.setting(.passphrase, $0) }].compactMap { $0 } }
    }

    /// Reads the certificate and its key.
    ///
    /// - Returns: both; nil if no certificate was given.
    /// - Throws: `Failure` for a file that cannot be read or a wrong passphrase.
    func read() throws -> TLSIdentity? {
        try ConnectionSetup.configuration(try settings, for: nil, .commandLine, ask: PasswordPrompt.ask).tls.identity
    }
}
