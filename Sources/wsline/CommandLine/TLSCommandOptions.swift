import ArgumentParser
import TestScript

/// Options for TLS.
struct TLSCommandOptions: ConnectionOptionGroup {
    @Option(
        name: [.long, .customLong("cacert")],
        help: ArgumentHelp("trust the authorities in this file (PEM) only", valueName: "file"),
        completion: .file(),
        transform: ConnectionOption.ca.setting
    )
    var ca: ConnectionSetting?

    @Flag(
        name: [.customShort("n"), .customLong("no-check"), .customShort("k"), .customLong("insecure")],
        help: "accept any TLS certificate"
    )
    var acceptsAnyCertificate = false

    @Option(
        name: .customLong("servername"),
        help: ArgumentHelp("server name for SNI and certificate checks", valueName: "name"),
        transform: ConnectionOption.servername.setting
    )
    var serverName: ConnectionSetting?

    @Option(
        help: ArgumentHelp("minimum TLS version, 1.2 or 1.3 (default: 1.2)", valueName: "version"),
        completion: .list(["1.2", "1.3"]),
        transform: ConnectionOption.tlsMin.setting
    )
    var tlsMin: ConnectionSetting?

    var settings: [ConnectionSetting] {
        [ca, ConnectionSetting(.noCheck, if: acceptsAnyCertificate), serverName, tlsMin].compactMap { $0 }
    }
}
