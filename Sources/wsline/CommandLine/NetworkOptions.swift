import ArgumentParser
import TestScript

/// Options for the network path to the server.
struct NetworkOptions: ConnectionOptionGroup {
    @Flag(name: [.customShort("4"), .customLong("ipv4")], help: "use IPv4 only")
    var ipv4 = false

    @Flag(name: [.customShort("6"), .customLong("ipv6")], help: "use IPv6 only")
    var ipv6 = false

    @Option(
        help: ArgumentHelp(
            "use HTTP/2, for wss:// only; with try, use HTTP/1.1 if the server does not support it",
            valueName: "[try]"
        ),
        completion: .list(["try"]),
        transform: ConnectionOption.http2.setting
    )
    var http2: ConnectionSetting?

    @Flag(help: "use HTTP/2 without negotiating it, for ws:// too")
    var http2PriorKnowledge = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "maximum time to connect (default: 10)",
            valueName: "seconds"
        ),
        transform: ConnectionOption.connectTimeout.setting
    )
    var connectTimeout: ConnectionSetting?

    @Option(
        help: ArgumentHelp(
            "use this address for HOST:PORT instead of resolving it; may be repeated",
            valueName: "host:port:address"
        ),
        transform: ConnectionOption.resolve.setting
    )
    var resolve: [ConnectionSetting] = []

    @Option(
        help: ArgumentHelp(
            "use this proxy: http://, https://, socks5:// or socks5h://, with an optional user:password@; \"\" for none "
                + "(default: from http_proxy, https_proxy, all_proxy and no_proxy)",
            valueName: "url"
        )
    )
    var proxy: String?

    func validate() throws { try checkSettings() }

    var settings: [ConnectionSetting] {
        get throws {
            let flags = [
                ConnectionSetting(.ipv4, if: ipv4), ConnectionSetting(.ipv6, if: ipv6),
                ConnectionSetting(.http2PriorKnowledge, if: http2PriorKnowledge),
            ]
            let proxy = try proxy.map { try Self.setting(.proxy, $0) }
            return (flags + [http2, connectTimeout, proxy]).compactMap { $0 } + resolve
        }
    }
}
