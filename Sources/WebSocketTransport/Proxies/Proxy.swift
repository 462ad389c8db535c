/// A proxy server.
public struct Proxy: Sendable, Equatable {
    /// A protocol between a client and a proxy.
    public enum Kind: Sendable, Equatable {
        /// HTTP CONNECT (RFC 9110, section 9.3.6), with or without TLS to the proxy.
        case http(isSecure: Bool)
        /// SOCKS5 (RFC 1928), where the proxy or the client resolves the server's name.
        case socks5(resolvesNames: Bool)
    }

    /// The protocol of the proxy.
    public var kind: Kind
    /// The proxy's name or IP address; an IPv6 address without its brackets.
    public var host: String
    /// The proxy's port, from 1 to 65535.
    public var port: Int
    /// The user name and password for the proxy; for SOCKS5, of at most 255 bytes each.
    public var credentials: Credentials?

    /// Parses a URL such as `http://user:password@host:3128`. The scheme is `http`, `https`, `socks5` or `socks5h`, by default
    /// `http`; as in curl, the default port is 443 for `https` and 1080 for the others.
    ///
    /// - Parameter text: the URL.
    /// - Throws: `WebSocketURL.Invalid`, which names the part at fault.
    public init(_ text: String) throws(WebSocketURL.Invalid) {
        var rest = Substring(text)
        var scheme = "http"
        if let separator = rest.firstRange(of: "://") {
            scheme = rest[..<separator.lowerBound].lowercased()
            rest = rest[separator.upperBound...]
        }
        switch scheme {
        case "http": kind = .http(isSecure: false)
        case "https": kind = .http(isSecure: true)
        case "socks5", "socks": kind = .socks5(resolvesNames: false)
        case "socks5h": kind = .socks5(resolvesNames: true)
        default: throw .init("unknown scheme; use http, https, socks5 or socks5h")
        }
        if rest.last == "/" { rest = rest.dropLast() }
        if rest.contains(where: { "/?#".contains($0) }) {
            throw .init("a proxy URL must not have a path; in a user name or password, write / as %2F")
        }
        if let at = rest.lastIndex(of: "@") {
            let credentials = try WebSocketURL.credentials(rest[..<at])
            // RFC 1929, section 2: each has one byte for its length.
            if case .socks5 = kind, max(credentials.user.utf8.count, credentials.password.utf8.count) > 255 {
                throw .init("a SOCKS user name and password must be at most 255 bytes long each")
            }
            self.credentials = credentials
            rest = rest[rest.index(after: at)...]
        }
        (host, port) = try WebSocketURL.hostAndPort(rest, defaultPort: scheme == "https" ? 443 : 1080)
    }
}

extension Proxy: CustomStringConvertible {
    /// The URL without user information.
    public var description: String {
        let scheme =
            switch kind {
            case .http(let isSecure): isSecure ? "https" : "http"
            case .socks5(let resolvesNames): resolvesNames ? "socks5h" : "socks5"
            }
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
