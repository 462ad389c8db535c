import ArgumentParser
import TestScript
import WebSocketTransport

/// Options for the TLS certificate of this end.
struct IdentityOptions: ConnectionOptionGroup {
    @Option(
        help: ArgumentHelp(
            "certificate to present (PEM or PKCS#12); serve then uses wss://",
            valueName: "file"
        ),
        completion: .file(),
        transform: ConnectionOption.cert.setting
    )
    var cert: ConnectionSetting?

    @Option(
        help: ArgumentHelp("private key (PEM), unless it is in the file of --cert", valueName: "file"),
        completion: .file(),
        transform: ConnectionOption.key.setting
    )
    var key: ConnectionSetting?

    @Option(
        name: [.long, .customLong("pass")],
        parsing: .unconditional,
        help: ArgumentHelp(
            "passphrase of the key; prompt for it when omitted",
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
