import ArgumentParser
import TestScript

/// Credentials. Each secret can be read from a file, which keeps it off the command line.
struct CredentialOptions: ConnectionOptionGroup {
    @Option(
        name: [.long, .customLong("user"), .customShort("u")],
        help: ArgumentHelp(
            "send Basic credentials; prompt for a missing password",
            valueName: "user[:password]"
        )
    )
    var auth: String?

    @Option(
        name: [.long, .customLong("oauth2-bearer")],
        help: ArgumentHelp("send this Bearer token", valueName: "token")
    )
    var bearer: String?

    @Option(help: ArgumentHelp("send this Cookie header", valueName: "name=value"))
    var cookie: String?

    @Flag(help: "read user name and password from ~/.netrc or $NETRC")
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
