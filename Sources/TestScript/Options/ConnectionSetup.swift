import MessageText
package import WebSocketTransport

/// Builds a connection configuration from settings, including values that depend on several settings.
package struct ConnectionSetup {
    /// Asks the user for a secret; the argument describes it.
    package typealias PasswordSource = (String) throws -> String

    var configuration = ConnectionConfiguration()
    var key: String?
    var passphrase: String?
    /// The folder that file names are relative to; empty for the current folder.
    let folder: String
    private let url: WebSocketURL?
    private let spelling: OptionSpelling
    private let ask: PasswordSource?

    /// Builds a configuration from settings and the environment.
    ///
    /// - Parameters:
    ///   - settings: the settings; if an option occurs several times and is not repeatable, the last one wins.
    ///   - url: the server; nil for the built-in echo server.
    ///   - folder: the folder that file names are relative to; empty for the current folder.
    ///   - spelling: the spelling of option names in errors.
    ///   - ask: asks the user for a missing password; nil if that is not possible.
    /// - Returns: the configuration.
    /// - Throws: `FileError` or `ConnectError` for a file that cannot be used, `InvalidValue` for a missing password,
    ///   and the errors of `ask`.
    package static func configuration(
        _ settings: [ConnectionSetting],
        for url: WebSocketURL?,
        folder: String = "",
        _ spelling: OptionSpelling,
        ask: PasswordSource? = nil
    ) throws -> ConnectionConfiguration {
        var setup = ConnectionSetup(folder: folder, url: url, spelling: spelling, ask: ask)
        setup.applyEnvironment()
        for option in ConnectionOption.allCases {
            let values = settings.filter { $0.option == option }
            for setting in option.isRepeatable ? values[...] : values.suffix(1) { try setting.apply(&setup) }
        }
        return setup.configuration
    }

    private init(folder: String, url: WebSocketURL?, spelling: OptionSpelling, ask: PasswordSource?) {
        self.folder = folder
        self.url = url
        self.spelling = spelling
        self.ask = ask
    }

    private mutating func applyEnvironment() {
        configuration.tls.keyLog = Environment.nonEmpty("SSLKEYLOGFILE")
        let (file, folders) = (Environment.nonEmpty("SSL_CERT_FILE"), Environment.nonEmpty("SSL_CERT_DIR"))
        if file != nil || folders != nil {
            let folders = folders?.split(separator: ":").map(String.init) ?? []
            configuration.tls.authorities = .environment(file: file, folders: folders)
        }
        configuration.proxy = { url throws(WebSocketURL.Invalid) in
            try Proxy.ofEnvironment(for: url, Environment.variable)
        }
    }

    // MARK: Credentials

    /// Returns the secret; for `@FILE`, the content of the file.
    func secret(_ text: String) throws(FileError) -> String { try SecretFile.expand(text, in: folder) }

    /// Adds a command whose output is a credential.
    mutating func add(
        _ command: CredentialCommand,
        _ apply: @escaping @Sendable (inout ConnectionConfiguration, String) throws(InvalidValue) -> Void
    ) {
        configuration.credentialSources.append(command.source(apply))
    }

    /// Adds the user name and password that a command has printed.
    static func authorize(_ configuration: inout ConnectionConfiguration, _ text: String) throws(InvalidValue) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else { throw InvalidValue("it must be USER:PASSWORD") }
        configuration.authorization = Credentials(user: parts[0], password: parts[1]).basicAuthorization
    }

    mutating func authorize(basic text: String) throws {
        let text = try secret(text)
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count < 2 else {
            configuration.authorization = Credentials(user: parts[0], password: parts[1]).basicAuthorization
            return
        }
        guard let ask else {
            throw InvalidValue("the password of \(spelling.name(.auth)) is missing; write USER:PASSWORD")
        }
        let password = try ask("Password for \(text) at \(url?.place ?? "echo:")")
        configuration.authorization = Credentials(user: text, password: password).basicAuthorization
    }

    mutating func authorizeFromNetrc() throws(FileError) {
        guard configuration.authorization == nil, let url, url.credentials == nil, url.unixSocket == nil else { return }
        configuration.authorization = try Netrc.ofUser().credentials(for: url.host)?.basicAuthorization
    }

    // MARK: TLS

    mutating func trust(_ file: String) throws(ConnectError) {
        configuration.tls.authorities = .file(UserPath.resolve(file, in: folder))
        try configuration.tls.checkAuthorities()
    }

    /// Reads the client certificate, and its key using the key file and passphrase set before.
    mutating func identify(certificate: String) throws(FileError) {
        let certificate = UserPath.resolve(certificate, in: folder)
        let key = key.map { UserPath.resolve($0, in: folder) }
        let given = passphrase == "-" ? nil : try passphrase.map(secret)
        let ask = ask
        do throws(TLSIdentity.Invalid) {
            configuration.tls.identity = try TLSIdentity(certificate: certificate, key: key) {
                given ?? (try? ask?("Passphrase for \(key ?? certificate)"))
            }
        } catch {
            switch error {
            case .certificate(let file, let reason):
                throw FileError("cannot read a certificate from \"\(file)\": \(reason)")
            case .key(let file, let reason):
                throw FileError("cannot read a private key from \"\(file)\": \(spelling.respelled(reason))")
            case .keyMismatch(let certificate, let key):
                throw FileError("the key in \"\(key)\" does not belong to the certificate in \"\(certificate)\"")
            case .passphraseMissing(let file):
                throw FileError(
                    "the key in \"\(file)\" is encrypted; use \(spelling.name(.passphrase)) TEXT or "
                        + "\(spelling.name(.passphrase)) @FILE"
                )
            }
        }
    }

    // MARK: Proxies

    static func proxy(_ text: String) throws(InvalidValue) -> Proxy {
        do throws(WebSocketURL.Invalid) {
            return try Proxy(text)
        } catch {
            throw InvalidValue("\(error)")
        }
    }

    func proxy(fromFile text: String) throws(FileError) -> Proxy {
        let url = try secret(text)
        do throws(InvalidValue) {
            return try Self.proxy(url)
        } catch {
            throw FileError("invalid proxy URL in \"\(text.dropFirst())\": \(error)")
        }
    }

    mutating func use(_ proxy: Proxy?) {
        configuration.proxy = { url throws(WebSocketURL.Invalid) in url.unixSocket == nil ? proxy : nil }
    }
}
