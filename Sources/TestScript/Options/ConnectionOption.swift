package import MessageText
import WebSocketProtocol
import WebSocketTransport

/// An option of a connection.
///
/// This is the only table of option names, kinds of values and effects. The command line and scripts parse values with
/// `setting(_:)` and apply them with `ConnectionSetup`. Options are applied in the order of the cases, so an option
/// that depends on another follows it.
package enum ConnectionOption: String, CaseIterable, Sendable {
    case origin, host
    case userAgent = "user-agent"
    case header, cookie, subprotocol, location
    case maxRedirects = "max-redirects"
    case redirectToPlain = "redirect-to-plain"
    case noCompress = "no-compress"
    case maxMessageSize = "max-message-size"
    case auth, bearer, netrc, ca, insecure
    case noCheck = "no-check"
    case servername
    case tlsMin = "tls-min"
    case key, passphrase, cert, http2
    case http2PriorKnowledge = "http2-prior-knowledge"
    case ipv4, ipv6, resolve, proxy
    case connectTimeout = "connect-timeout"
    case closeTimeout = "close-timeout"
    case fragment

    /// The kind of value that an option takes.
    package enum Value {
        case none, text, file
        /// A text that may be omitted.
        case optionalText
        /// A text, or `@` and the name of a file that contains it.
        case textOrFile
    }

    package var value: Value {
        switch self {
        case .location, .redirectToPlain, .netrc, .insecure, .noCheck, .noCompress, .ipv4, .ipv6, .http2PriorKnowledge:
            .none
        case .http2: .optionalText
        case .ca, .cert, .key: .file
        case .header, .auth, .bearer, .cookie, .passphrase, .proxy: .textOrFile
        case .subprotocol, .origin, .host, .userAgent, .maxRedirects, .maxMessageSize, .servername, .tlsMin,
            .connectTimeout, .resolve, .closeTimeout, .fragment:
            .text
        }
    }

    /// Whether each use adds a value; for any other option, the last use wins.
    var isRepeatable: Bool { self == .header || self == .subprotocol || self == .resolve }

    /// Whether the value may be a secret that errors must not repeat.
    var isSecret: Bool { value == .textOrFile && self != .proxy }

    /// Whether the option may put a secret into memory.
    package var bringsSecrets: Bool { [.auth, .bearer, .cookie, .header, .netrc, .cert, .proxy].contains(self) }

    /// Parses a value, in which `!COMMAND` stands for the output of a command.
    ///
    /// - Parameter text: the value; ignored if the option takes none.
    /// - Returns: the option with its value.
    /// - Throws: `InvalidValue` for an invalid value; the error does not name the option.
    package func setting(_ text: String) throws(InvalidValue) -> ConnectionSetting {
        guard let command = command(in: text) else { return try literalSetting(text) }
        return ConnectionSetting(option: self, text: text, apply: try credentialSetter(text, command))
    }

    /// Parses a value that is no command.
    ///
    /// - Throws: `InvalidValue` for an invalid value; the error does not name the option.
    func literalSetting(_ text: String) throws(InvalidValue) -> ConnectionSetting {
        ConnectionSetting(option: self, text: text, apply: try setter(text))
    }

    private func setter(_ text: String) throws(InvalidValue) -> ConnectionSetting.Setter {
        switch self {
        case .origin: return try header("Origin", text)
        case .host: return try header("Host", text)
        case .userAgent: return try header("User-Agent", text)
        case .header:
            let source = try HeaderSource(text)
            return { setup in
                setup.configuration.headers += try source.read(in: setup.folder).map { ($0.name, $0.value) }
            }
        case .cookie:
            try HeaderField.check(value: text)
            return { $0.configuration.headers.append(("Cookie", try $0.secret(text))) }
        case .subprotocol:
            try Self.check(subprotocol: text)
            return { $0.configuration.subprotocols.append(text) }
        case .location: return { $0.configuration.maximumRedirects = 10 }
        case .maxRedirects:
            let count = try MessageCount(text).value
            return { $0.configuration.maximumRedirects = count }
        case .redirectToPlain: return { $0.configuration.followsToPlain = true }
        case .noCompress: return { $0.configuration.offersCompression = false }
        case .maxMessageSize:
            let limits = Limits(messageSize: try ByteCount(text).value)
            return { $0.configuration.limits = limits }
        case .auth:
            guard !text.isEmpty, !text.hasPrefix(":") else { throw InvalidValue("must be USER or USER:PASSWORD") }
            try HeaderField.check(value: text)
            return { try $0.authorize(basic: text) }
        case .bearer:
            guard !text.isEmpty else { throw InvalidValue("must be a token, or @FILE") }
            try HeaderField.check(value: text)
            return { $0.configuration.authorization = "Bearer \(try $0.secret(text))" }
        case .netrc: return { try $0.authorizeFromNetrc() }
        case .ca: return { try $0.trust(text) }
        case .insecure, .noCheck: return { $0.configuration.tls.acceptsAnyCertificate = true }
        case .servername:
            guard !text.isEmpty, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), text.utf8.count < 256 else {
                throw InvalidValue("must be a host name")
            }
            return { $0.configuration.tls.serverName = text }
        case .tlsMin:
            guard let version = TLSOptions.Version(rawValue: text) else { throw InvalidValue("must be 1.2 or 1.3") }
            return { $0.configuration.tls.minimumVersion = version }
        case .key: return { $0.key = text }
        case .passphrase: return { $0.passphrase = text }
        case .cert: return { try $0.identify(certificate: text) }
        case .http2:
            let isOptional = text == "try"
            guard isOptional || ["", "always"].contains(text) else { throw InvalidValue("must be try or omitted") }
            return { $0.configuration.http2 = isOptional ? .ifSupported : .always }
        case .http2PriorKnowledge: return { $0.configuration.http2 = .priorKnowledge }
        case .ipv4: return { $0.configuration.addressFamily = .ipv4 }
        case .ipv6: return { $0.configuration.addressFamily = .ipv6 }
        case .resolve:
            let resolution = try Resolution(argument: text)
            return { $0.configuration.resolutions.append(resolution) }
        case .proxy:
            let proxy = text.isEmpty || text.hasPrefix("@") ? nil : try ConnectionSetup.proxy(text)
            return { try $0.use(text.hasPrefix("@") ? $0.proxy(fromFile: text) : proxy) }
        case .connectTimeout:
            let time = try Seconds.aboveZero(text).timeAmount
            return { $0.configuration.connectTimeout = time }
        case .closeTimeout:
            let time = try Seconds(text).timeAmount
            return { $0.configuration.closeTimeout = time }
        case .fragment:
            let size = try ByteCount(text).value
            return { $0.configuration.fragmentSize = size }
        }
    }

    private func header(_ name: String, _ value: String) throws(InvalidValue) -> ConnectionSetting.Setter {
        try HeaderField.check(value: value)
        return { $0.configuration.headers.append((name, value)) }
    }

    /// Rejects a subprotocol name that is not a token (RFC 6455, section 4.1).
    package static func check(subprotocol name: String) throws(InvalidValue) {
        guard !name.isEmpty, name.utf8.allSatisfy(Token.contains) else {
            throw InvalidValue("must consist of letters, digits and !#$%&'*+-.^_`|~")
        }
    }
}

extension Resolution {
    /// Parses `HOST:PORT:ADDRESS`; brackets around the address are optional.
    fileprivate init(argument: String) throws(InvalidValue) {
        let parts = argument.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !parts[0].isEmpty, let port = Int(parts[1]), 1...65535 ~= port else {
            throw InvalidValue("must be HOST:PORT:ADDRESS, such as example.com:443:127.0.0.1")
        }
        let address =
            parts[2].hasPrefix("[") && parts[2].hasSuffix("]") ? String(parts[2].dropFirst().dropLast()) : parts[2]
        guard Resolution.isAddress(address) else { throw InvalidValue("invalid IP address \"\(address)\"") }
        self.init(host: parts[0].lowercased(), port: port, address: address)
    }
}
