import ArgumentParser
import TestScript

/// Options for the network path to the server.
struct NetworkOptions: ConnectionOptionGroup {
    @Flag(name: [.customShort("4"), .customLong("ipv4")], help: "Use IPv4 only.")
    var ipv4 = false

    @Flag(name: [.customShort("6"), .customLong("ipv6")], help: "Use IPv6 only.")
    var ipv6 = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Give up when no connection is open after this long. (default: 10)",
            valueName: "seconds"
        ),
        transform: ConnectionOption.connectTimeout.setting
    )
    var connectTimeout: ConnectionSetting?

    @Option(
        help: ArgumentHelp("Take this address for a host and port; may be repeated.", valueName: "host:port:address"),
        transform: ConnectionOption.resolve.setting
    )
    var resolve: [ConnectionSetting] = []

    @Option(
        help: ArgumentHelp(
            "Go through this proxy: http://, https://, socks5:// or socks5h://, with user:password@ if need be; @FILE has it; "
                + "\"\" for none. (default: what http_proxy, https_proxy, all_proxy and no_proxy say)",
            valueName: "url"
        )
    )
    var proxy: String?

    func validate() throws { try checkSettings() }

    var settings: [ConnectionSetting] {
        get throws {
            let flags = [ConnectionSetting(.ipv4, if: ipv4), ConnectionSetting(.ipv6, if: ipv6)]
            let proxy = try proxy.map { try Self.setting(.proxy, $0) }
            return (flags + [connectTimeout, proxy]).compactMap { $0 } + resolve
        }
    }
}
