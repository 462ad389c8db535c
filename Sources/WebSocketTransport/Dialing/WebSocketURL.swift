import MessageText

/// A parsed WebSocket URL (RFC 6455, section 3).
public struct WebSocketURL: Sendable, Equatable {
    /// Whether the connection uses TLS, as with `wss` and `https`.
    public var isSecure: Bool
    /// The path of the server's Unix-domain socket; nil for TCP.
    public var unixSocket: String?
    /// The name or IP address of the server; an IPv6 address has no brackets.
    public var host: String
    /// The port of the server, from 1 to 65535; 80 or 443 by default.
    public var port: Int
    /// The path and query for the request line, starting with a slash. The query may contain secrets.
    public var target: String
    /// The user name and password before the host, if any.
    public var credentials: Credentials?

    /// The host in ASCII, for DNS, TLS and HTTP; internationalized names are encoded as `xn--…` (RFC 5890, section
    /// 2.3.2.1).
    public var asciiHost: String { InternationalName.encoded(host) }

    /// Parses a URL. The scheme is `ws`, `wss`, `http` or `https`; without one it is `ws`.
    ///
    /// `ws+unix:///run/app.sock:/path` specifies a Unix-domain socket, `wss+unix:` the same with TLS.
    ///
    /// Characters that are not allowed in a request line are percent-encoded.
    ///
    /// - Parameter text: the URL.
    /// - Throws: `Invalid`, which names the invalid part.
    public init(_ text: String) throws(Invalid) {
        guard !text.contains("#") else {
            throw Invalid("a WebSocket URL must not have a fragment; write # as %23")
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw Invalid("it contains a control character")
        }
        var rest = Substring(text)
        if let scheme = ["ws+unix:", "wss+unix:"].first(where: { text.lowercased().hasPrefix($0) }) {
            (isSecure, host, port) = (scheme == "wss+unix:", "localhost", scheme == "wss+unix:" ? 443 : 80)
            rest = rest.dropFirst(scheme.count)
            if rest.hasPrefix("//") { rest = rest.dropFirst(2) }
            let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0].hasPrefix("/") else {
                throw Invalid("the socket path is missing; write it as ws+unix:///run/app.sock:/path")
            }
            guard let path = Self.decoded(parts[0]) else {
                throw Invalid("a % in the socket path must be followed by two hexadecimal digits; write % as %25")
            }
            guard path.utf8.count < 100 else {
                throw Invalid("the socket path must be at most 100 bytes long")
            }
            unixSocket = path
            let target = Self.encoded(parts.count > 1 ? parts[1] : "")
            self.target = target.hasPrefix("/") ? target : "/" + target
            return
        }
        isSecure = try Self.takeScheme(&rest)
        let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        var authority = rest[..<authorityEnd]
        if let at = authority.lastIndex(of: "@") {
            credentials = try Self.credentials(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        (host, port) = try Self.hostAndPort(authority, defaultPort: isSecure ? 443 : 80)
        let target = Self.encoded(rest[authorityEnd...])
        self.target = target.hasPrefix("/") ? target : "/" + target
    }

    /// An error that explains why a text is not a valid WebSocket URL.
    public struct Invalid: Error, Equatable, CustomStringConvertible {
        /// The fault and what to do about it, without any part of the URL, which may be a misplaced password.
        public let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    private static func takeScheme(_ rest: inout Substring) throws(Invalid) -> Bool {
        if let colon = rest.firstIndex(of: ":"), ["ws", "wss", "http", "https"].contains(rest[..<colon].lowercased()),
            !rest[colon...].hasPrefix("://"), rest[colon...].dropFirst().first?.isNumber != true
        {
            throw Invalid("two slashes must follow the scheme, as in \(rest[..<colon])://example.com")
        }
        guard let colon = rest.firstRange(of: "://") else { return false }
        let scheme = rest[..<colon.lowerBound]
        // "host/path?next=http://…" does not start with a scheme.
        guard !scheme.contains(where: { "/?@".contains($0) }) else { return false }
        rest = rest[colon.upperBound...]
        switch scheme.lowercased() {
        case "ws", "http": return false
        case "wss", "https": return true
        default: throw Invalid("unknown scheme; use ws:// or wss://")
        }
    }

    static func credentials(_ text: Substring) throws(Invalid) -> Credentials {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw Invalid("the part before @ must be user:password")
        }
        guard let user = decoded(parts[0]), let password = decoded(parts[1]) else {
            throw Invalid("a % in the user name or password must be followed by two hexadecimal digits; write % as %25")
        }
        return Credentials(user: user, password: password)
    }

    static func hostAndPort(_ authority: Substring, defaultPort: Int) throws(Invalid) -> (String, Int) {
        var host = authority
        var port: Substring?
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else {
                throw Invalid("the closing bracket of the address is missing")
            }
            host = authority[authority.index(after: authority.startIndex)..<bracket]
            let after = authority[authority.index(after: bracket)...]
            guard after.isEmpty || after.first == ":" else {
                throw Invalid("only a port may follow the address in brackets, as in [::1]:8080")
            }
            port = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
            guard port?.contains(":") != true else {
                throw Invalid("too many colons; write an IPv6 address in brackets, as in [::1]:8080")
            }
        }
        guard !host.isEmpty else { throw Invalid("the host is missing; write it as ws://example.com/path") }
        guard host.unicodeScalars.allSatisfy(isInHost), host.unicodeScalars.first.map(isMark) == false else {
            throw Invalid("the host name contains an invalid character")
        }
        guard let port, !port.isEmpty else { return (unescapedZone(host), defaultPort) }
        guard let number = Int(port), 1...65535 ~= number, port.allSatisfy(\.isNumber) else {
            let hint = "; in a user name or password, write / as %2F, ? as %3F and @ as %40"
            throw Invalid("the port must be from 1 to 65535" + (port.allSatisfy(\.isNumber) ? "" : hint))
        }
        return (unescapedZone(host), number)
    }

    /// Accepts both `%25` (RFC 6874, section 2) and a plain `%` before the zone of an address.
    private static func unescapedZone(_ host: Substring) -> String {
        host.contains(":") ? String(host.replacing("%25", with: "%")) : String(host)
    }

    /// Whether a character is allowed in a host name or in an address with a zone. Beyond ASCII these are letters,
    /// digits and marks.
    private static func isInHost(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "-._~%:".unicodeScalars.contains(scalar)
        }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil || isMark(scalar)
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    /// Percent-encodes the characters that are not allowed in a path and query, except brackets and `%`.
    private static func encoded(_ text: Substring) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x21, 0x24...0x3B, 0x3D, 0x3F...0x5B, 0x5D, 0x5F, 0x61...0x7A, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(Substring(digits)), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension WebSocketURL: CustomStringConvertible {
    /// The URL without secrets: without user information, and with `…` for the values of query parameters whose names
    /// suggest secrets, such as `token`.
    public var description: String {
        let scheme = isSecure ? "wss" : "ws"
        let target = Redaction.withoutSecretParameters(target)
        if let unixSocket { return "\(scheme)+unix://\(unixSocket):\(target)" }
        return "\(scheme)://\(Self.authority(host, port, isSecure))\(target)"
    }

    /// The value of the `Host` header (RFC 9110, section 7.2): the host, and the port unless it is the scheme's
    /// default.
    public var authority: String {
        Self.authority(Self.withoutZone(asciiHost), port, isSecure)
    }

    /// The host and port, or the path of the Unix-domain socket, for use in messages.
    public var place: String { unixSocket ?? Self.authority(host, port, isSecure) }

    private static func authority(_ host: String, _ port: Int, _ isSecure: Bool) -> String {
        let bracketed = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? bracketed : "\(bracketed):\(port)"
    }

    /// The zone of an address is meaningful only on this computer (RFC 6874, section 1).
    private static func withoutZone(_ host: String) -> String {
        host.contains(":") ? String(host.prefix { $0 != "%" }) : host
    }
}
