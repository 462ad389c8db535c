/// A proxy that connections go through.
public struct Proxy: Sendable, Equatable {
    /// What is spoken with it.
    public enum Kind: Sendable, Equatable {
        /// HTTP CONNECT, inside TLS or not.
        case http(isSecure: Bool)
        /// SOCKS5 (RFC 1928); who looks the server's name up.
        case socks5(resolvesNames: Bool)
    }

    /// What is spoken with it.
    public var kind: Kind
    /// A name or an IP address; an IPv6 address without its brackets.
    public var host: String
    /// 1 to 65535.
    public var port: Int
    /// What lets us in.
    public var credentials: Credentials?

    /// Reads a URL such as `http://user:password@host:3128`; the scheme is `http`, `https`, `socks5` or `socks5h`, and
    /// `http` unless given. The port is 1080 unless given, 443 with `https`, as curl has it.
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
        default: throw .init("the scheme \"\(scheme)\" is no proxy's; use http, https, socks5 or socks5h")
        }
        if rest.last == "/" { rest = rest.dropLast() }
        if let slash = rest.firstIndex(where: { "/?#".contains($0) }) {
            throw .init("a proxy has no path, not \"\(rest[slash...])\"")
        }
        if let at = rest.lastIndex(of: "@") {
            credentials = try WebSocketURL.credentials(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        (host, port) = try WebSocketURL.hostAndPort(rest, defaultPort: scheme == "https" ? 443 : 1080)
    }
}

extension Proxy: CustomStringConvertible {
    /// The URL without its credentials, fit to be shown.
    public var description: String {
        let scheme =
            switch kind {
            case .http(let isSecure): isSecure ? "https" : "http"
            case .socks5(let resolvesNames): resolvesNames ? "socks5h" : "socks5"
            }
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
