import ArgumentParser
import TestScript

/// Credentials. Each secret can be read from a file, which keeps it off the command line.
struct CredentialOptions: ConnectionOptionGroup {
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

    func validate() throws { try checkSettings() }

    var settings: [ConnectionSetting] {
        get throws {
            let secrets: [(ConnectionOption, String?)] = [(.cookie, cookie), (.auth, auth), (.bearer, bearer)]
            return try secrets.compactMap { option, value in try value.map { try Self.setting(option, $0) } }
                + [ConnectionSetting(.netrc, if: netrc)].compactMap { $0 }
        }
    }
}
