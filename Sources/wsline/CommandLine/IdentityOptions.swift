import ArgumentParser
import WebSocketTransport

/// The certificate that is shown as ours.
struct IdentityOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Show this certificate (PEM or PKCS#12): to a server that asks, or as a server, which speaks TLS (wss://) then.",
            valueName: "file"
        ),
        completion: .file()
    )
    var cert: String?

    @Option(
        help: ArgumentHelp("The key (PEM) of --cert, where it stands in another file.", valueName: "file"),
        completion: .file()
    )
    var key: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The passphrase of the key, which is asked for when it is left out; @FILE has it.",
            valueName: "[text]"
        )
    )
    var passphrase: String?

    func validate() throws {
        if key != nil, cert == nil { throw ValidationError("--key goes with --cert") }
        if passphrase != nil, cert == nil { throw ValidationError("--passphrase goes with --cert") }
    }

    /// What of them was given: nothing of it matters without TLS.
    var given: [(isGiven: Bool, name: String)] { [(cert != nil, "--cert")] }

    /// Reads the certificate and its key.
    ///
    /// - Returns: both; nil when none is named.
    /// - Throws: `Failure` for a file that can't be read or a passphrase that does not fit.
    func read() throws(Failure) -> TLSIdentity? {
        guard let certificate = cert else { return nil }
        let passphrase = try passphrase.flatMap { text throws(Failure) in
            text == "-" ? nil : try SecretFile.expand(text)
        }
        let file = FilePath.expand(key ?? certificate)
        do throws(TLSIdentity.Invalid) {
            return try TLSIdentity(certificate: FilePath.expand(certificate), key: key.map(FilePath.expand)) {
                passphrase ?? (try? PasswordPrompt.ask("Passphrase of \(file)"))
            }
        } catch {
            switch error {
            case .certificate(let file):
                throw Failure(
                    .noInput,
                    "cannot read a certificate from \"\(file)\"; is there such a file, and is it PEM?"
                )
            case .key(let file):
                throw Failure(
                    .noInput,
                    "cannot read a private key from \"\(file)\"; is there one (--key), and is the passphrase right?"
                )
            case .passphraseMissing(let file):
                throw Failure(
                    .noInput,
                    "the key in \"\(file)\" is encrypted, and there is no terminal to ask at; --passphrase @FILE has it"
                )
            }
        }
    }
}
