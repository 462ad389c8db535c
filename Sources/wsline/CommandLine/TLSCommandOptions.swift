import ArgumentParser
import MessageText
import WebSocketTransport

/// How TLS is spoken.
struct TLSCommandOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Trust the authorities in this file (PEM) instead of the system's.", valueName: "file"),
        completion: .file()
    )
    var ca: String?

    @Flag(
        name: [.customShort("n"), .customLong("no-check"), .customShort("k"), .customLong("insecure")],
        help: "Accept any TLS certificate."
    )
    var acceptsAnyCertificate = false

    @Option(
        name: .customLong("servername"),
        help: ArgumentHelp("The name to send (SNI) and to look for in the certificate.", valueName: "name")
    )
    var serverName: String?

    @Option(
        help: ArgumentHelp("The oldest version of TLS to accept: 1.2 or 1.3. (default: 1.2)", valueName: "version"),
        completion: .list(["1.2", "1.3"]),
        transform: { text throws(InvalidValue) in
            guard let version = TLSOptions.Version(rawValue: text) else { throw InvalidValue("it is 1.2 or 1.3") }
            return version
        }
    )
    var tlsMin: TLSOptions.Version?

    func validate() throws {
        if let serverName {
            let isName =
                !serverName.isEmpty && serverName.utf8.allSatisfy { 0x21...0x7E ~= $0 } && serverName.utf8.count < 256
            guard isName else { throw ValidationError("\"\(serverName)\" is no host's name") }
        }
    }

    /// What of them was given: nothing of it matters without TLS.
    var given: [(isGiven: Bool, name: String)] {
        [
            (ca != nil, "--ca"), (acceptsAnyCertificate, "--no-check"), (serverName != nil, "--servername"),
            (tlsMin != nil, "--tls-min"),
        ]
    }

    /// Puts these options, and what the environment says, into those of the connection.
    ///
    /// - Parameters:
    ///   - options: what they are put into.
    ///   - variable: looks a variable of the environment up.
    /// - Throws: `Failure` for a file that can't be read.
    func apply(to options: inout ConnectionConfiguration, _ variable: (String) -> String?) throws(Failure) {
        func path(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
        var tls = TLSOptions()
        tls.acceptsAnyCertificate = acceptsAnyCertificate
        tls.serverName = serverName
        tls.minimumVersion = tlsMin ?? .tls12
        tls.keyLog = path("SSLKEYLOGFILE")
        if let ca {
            tls.authorities = .file(FilePath.expand(ca))
        } else if path("SSL_CERT_FILE") != nil || path("SSL_CERT_DIR") != nil {
            let folders = path("SSL_CERT_DIR")?.split(separator: ":").map(String.init) ?? []
            tls.authorities = .environment(file: path("SSL_CERT_FILE"), folders: folders)
        }
        do throws(ConnectError) {
            if ca != nil { try tls.checkAuthorities() }
        } catch {
            throw Failure(error)
        }
        options.tls = tls
    }
}
