import ArgumentParser
import WebSocketTransport

/// What lets us in. Each secret may stand in a file, so that none must stand on the command line.
struct CredentialOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Send a name and password (Basic); asks for a missing password. @FILE has them.",
            valueName: "user[:password]"
        )
    )
    var auth: String?

    @Option(help: ArgumentHelp("Send a token (Bearer). @FILE has it.", valueName: "token"))
    var bearer: String?

    @Option(help: ArgumentHelp("Send this Cookie header. @FILE has it.", valueName: "name=value"))
    var cookie: String?

    @Flag(help: "Take name and password from ~/.netrc, or the file that $NETRC names.")
    var netrc = false

    func validate() throws {
        if auth != nil, bearer != nil { throw ValidationError("--auth and --bearer exclude each other") }
        if auth?.isEmpty == true || auth?.hasPrefix(":") == true {
            throw ValidationError("--auth takes a name, or name:password")
        }
        if bearer?.isEmpty == true { throw ValidationError("--bearer takes a token, or @FILE") }
        for (option, value) in [("--auth", auth), ("--bearer", bearer), ("--cookie", cookie)] {
            guard let value, (try? HeaderField("X:\(value)")) == nil else { continue }
            throw ValidationError("the value of \(option) has a control character")
        }
    }

    /// Whether there is anything that others must not know.
    var hasSecrets: Bool { auth != nil || bearer != nil || cookie != nil || netrc }

    /// Puts these options into those of the connection.
    ///
    /// - Parameters:
    ///   - options: what they are put into.
    ///   - url: the server; nil for the one inside wsline.
    /// - Throws: `Failure` for a file that can't be read, or a password that nobody could be asked for.
    func apply(to options: inout ConnectionConfiguration, for url: WebSocketURL?) throws(Failure) {
        if let cookie { options.headers.append(("Cookie", try SecretFile.expand(cookie))) }
        if let bearer { options.authorization = "Bearer \(try SecretFile.expand(bearer))" }
        if let auth {
            options.authorization = try Self.credentials(try SecretFile.expand(auth), url).basicAuthorization
        }
        if netrc, options.authorization == nil, let url, url.credentials == nil, url.unixSocket == nil {
            options.authorization = try Netrc.ofUser().credentials(for: url.host)?.basicAuthorization
        }
    }

    private static func credentials(_ text: String, _ url: WebSocketURL?) throws(Failure) -> Credentials {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2 { return Credentials(user: parts[0], password: parts[1]) }
        let password = try PasswordPrompt.ask("Password of \(parts[0]) at \(url?.place ?? "echo:")")
        return Credentials(user: parts[0], password: password)
    }
}
