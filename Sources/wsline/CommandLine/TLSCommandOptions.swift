import ArgumentParser
import TestScript

/// Options for TLS.
struct TLSCommandOptions: ConnectionOptionGroup {
    @Option(
        help: ArgumentHelp("Trust the authorities in this file (PEM) instead of the system's.", valueName: "file"),
        completion: .file(),
        transform: ConnectionOption.ca.setting
    )
    var ca: ConnectionSetting?

    @Flag(
        name: [.customShort("n"), .customLong("no-check"), .customShort("k"), .customLong("insecure")],
        help: "Accept any TLS certificate."
    )
    var acceptsAnyCertificate = false

    @Option(
        name: .customLong("servername"),
        help: ArgumentHelp("The name to send (SNI) and to look for in the certificate.", valueName: "name"),
        transform: ConnectionOption.servername.setting
    )
    var serverName: ConnectionSetting?

    @Option(
        help: ArgumentHelp("The oldest version of TLS to accept: 1.2 or 1.3. (default: 1.2)", valueName: "version"),
        completion: .list(["1.2", "1.3"]),
        transform: ConnectionOption.tlsMin.setting
    )
    var tlsMin: ConnectionSetting?

    var settings: [ConnectionSetting] {
        [ca, ConnectionSetting(.noCheck, if: acceptsAnyCertificate), serverName, tlsMin].compactMap { $0 }
    }
}
