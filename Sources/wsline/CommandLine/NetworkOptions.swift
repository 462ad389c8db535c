import ArgumentParser
import MessageText
import WebSocketTransport

/// The way to the server.
struct NetworkOptions: ParsableArguments {
    @Flag(name: [.customShort("4"), .customLong("ipv4")], help: "Use IPv4 only.")
    var ipv4 = false

    @Flag(name: [.customShort("6"), .customLong("ipv6")], help: "Use IPv6 only.")
    var ipv6 = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Give up when no connection is open after this long. (default: \(Seconds.defaultConnectTimeout))",
            valueName: "seconds"
        ),
        transform: Seconds.aboveZero
    )
    var connectTimeout = Seconds.defaultConnectTimeout

    @Option(
        help: ArgumentHelp("Take this address for a host and port; may be repeated.", valueName: "host:port:address"),
        transform: Resolution.init(argument:)
    )
    var resolve: [Resolution] = []

    @Option(
        help: ArgumentHelp(
            "Go through this proxy: http://, https://, socks5:// or socks5h://, with user:password@ if need be; @FILE has it; "
                + "\"\" for none. (default: what http_proxy, https_proxy, all_proxy and no_proxy say)",
            valueName: "url"
        ),
        transform: ProxyChoice.init
    )
    var proxy: ProxyChoice?

    func validate() throws {
        if ipv4, ipv6 { throw ValidationError("-4 and -6 exclude each other") }
    }

    /// What of them was given that is about the way to another machine.
    var givenForServers: [(isGiven: Bool, name: String)] {
        [(!resolve.isEmpty, "--resolve"), (proxy?.namesOne == true, "--proxy")]
    }

    /// Puts these options, and what the environment says, into those of the connection.
    ///
    /// - Parameters:
    ///   - options: what they are put into.
    ///   - variable: looks a variable of the environment up.
    /// - Throws: `Failure` for a file that can't be read.
    func apply(
        to options: inout ConnectionConfiguration,
        _ variable: @Sendable @escaping (String) -> String?
    ) throws(Failure) {
        options.addressFamily = ipv4 ? .ipv4 : ipv6 ? .ipv6 : .any
        options.connectTimeout = connectTimeout.timeAmount
        options.resolutions = resolve
        if let proxy {
            let proxy = try proxy.read()
            options.proxy = { url throws(WebSocketURL.Invalid) in url.unixSocket == nil ? proxy : nil }
        } else {
            options.proxy = { url throws(WebSocketURL.Invalid) in try Proxy.ofEnvironment(for: url, variable) }
        }
    }
}

/// A proxy, the file that its URL stands in, or none at all.
enum ProxyChoice: Sendable {
    case none
    case proxy(Proxy)
    case file(String)

    var namesOne: Bool { if case .none = self { false } else { true } }

    /// Reads a URL, `@FILE`, or nothing for no proxy.
    ///
    /// - Throws: `InvalidValue`.
    init(_ argument: String) throws(InvalidValue) {
        if argument.isEmpty {
            self = .none
        } else if argument.hasPrefix("@") {
            self = .file(argument)
        } else {
            do throws(WebSocketURL.Invalid) {
                self = .proxy(try Proxy(argument))
            } catch {
                throw InvalidValue("\(error)")
            }
        }
    }

    /// Returns the proxy.
    ///
    /// - Throws: `Failure` for a file that can't be read or has something else in it.
    func read() throws(Failure) -> Proxy? {
        switch self {
        case .none: return nil
        case .proxy(let proxy): return proxy
        case .file(let file):
            let text = try SecretFile.expand(file)
            do throws(WebSocketURL.Invalid) {
                return try Proxy(text)
            } catch {
                throw Failure(.noInput, "what stands in \"\(file.dropFirst())\" is no proxy: \(error)")
            }
        }
    }
}

extension Resolution {
    /// Reads `HOST:PORT:ADDRESS`; brackets round the address are optional.
    ///
    /// - Throws: `InvalidValue`.
    init(argument: String) throws(InvalidValue) {
        let parts = argument.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !parts[0].isEmpty, let port = Int(parts[1]), 1...65535 ~= port else {
            throw InvalidValue("it is written HOST:PORT:ADDRESS, such as example.com:443:127.0.0.1")
        }
        let address =
            parts[2].hasPrefix("[") && parts[2].hasSuffix("]") ? String(parts[2].dropFirst().dropLast()) : parts[2]
        guard Resolution.isAddress(address) else { throw InvalidValue("\"\(address)\" is no IP address") }
        self.init(host: parts[0].lowercased(), port: port, address: address)
    }
}
