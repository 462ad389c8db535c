package import MessageText
import WebSocketTransport

/// An option with its parsed value.
package struct ConnectionSetting: Sendable {
    typealias Setter = @Sendable (inout ConnectionSetup) throws -> Void

    package let option: ConnectionOption
    /// The value as written.
    package let text: String
    let apply: Setter

    /// Creates the setting of an option without a value; nil if the option is not given.
    package init?(_ option: ConnectionOption, if isGiven: Bool) {
        guard isGiven, let setting = try? option.setting("") else { return nil }
        self = setting
    }

    init(option: ConnectionOption, text: String, apply: @escaping Setter) {
        self.option = option
        self.text = text
        self.apply = apply
    }

    /// Explains why the option cannot be used with `echo:`; nil if it can.
    package func faultWithEcho(_ spelling: OptionSpelling) -> String? {
        option.isUseful(with: text, for: nil)
            ? nil : "\(spelling.name(option)) has no effect with echo:, which uses no name lookup, TLS or proxy"
    }
}

/// The spelling of option names in errors.
package enum OptionSpelling: Sendable {
    case commandLine, script

    /// Returns the name of an option for use in errors.
    package func name(_ option: ConnectionOption) -> String {
        switch (self, option) {
        case (.script, _): option.rawValue
        case (.commandLine, .location): "-L"
        case (.commandLine, .ipv4): "-4"
        case (.commandLine, .ipv6): "-6"
        case (.commandLine, .insecure): name(.noCheck)
        case (.commandLine, _): "--\(option.rawValue)"
        }
    }

    /// Returns a text that names options as the command line does, with the names as this place writes them.
    package func respelled(_ text: String) -> String {
        switch self {
        case .commandLine: text
        case .script: text.replacing(/--([a-z][a-z-]+)/) { String($0.output.1) }
        }
    }

    /// Suggests credentials after a server has refused a request.
    ///
    /// - Parameter forbidden: whether the server may have refused the origin.
    /// - Returns: the suggestion.
    func credentialsHint(forbidden: Bool) -> String {
        switch self {
        case .script:
            return "is \(forbidden ? "a bearer, cookie or origin" : "an auth, bearer or cookie") line missing?"
        case .commandLine:
            let origin = forbidden ? ", or an allowed origin with \(name(.origin))" : ""
            return "send credentials with \(name(.auth)), \(name(.bearer)) or \(name(.cookie))\(origin)"
        }
    }

    /// Explains why a value is invalid. The value is repeated only if it cannot be a secret.
    package func explain(_ error: InvalidValue, _ option: ConnectionOption, _ value: String) -> String {
        switch option {
        case .header:
            // Without a separator there is no name, and the text may be a secret value.
            guard let end = value.firstIndex(where: { $0 == " " || $0 == ":" }) else {
                return "invalid header: \(error)"
            }
            return "invalid header \"\(value[..<end].prefix(40))…\": \(error)"
        case _ where option.isSecret: return "invalid value for \(name(option)): \(error)"
        default:
            // The text after the colon of a proxy without a scheme may be a password.
            let shown = option == .proxy ? Redaction.url(value) : value
            return Redaction.withoutSecrets("invalid value \"\(shown)\" for \(name(option)): \(error)")
        }
    }

    /// Finds options that cannot be used together, or that require another one.
    ///
    /// - Returns: the index of each conflicting option, and an explanation.
    package func conflicts(in options: [ConnectionOption]) -> [(index: Int, message: String)] {
        options.enumerated().compactMap { index, option in
            if let other = option.excluded, options[..<index].contains(other) {
                return (index, "\(name(other)) and \(name(option)) cannot be used together")
            }
            if let other = option.required, !options.contains(other) {
                return (index, "\(name(option)) requires \(name(other))")
            }
            return nil
        }
    }
}

extension ConnectionOption {
    /// Whether the option with this value can be used for a server; nil for the built-in echo server, which uses no
    /// host names, TLS or proxies.
    func isUseful(with value: String, for url: WebSocketURL?) -> Bool {
        switch self {
        case .http2: url?.isSecure == true
        case .netrc, .ca, .insecure, .noCheck, .servername, .tlsMin, .cert, .key, .passphrase, .http2PriorKnowledge,
            .resolve:
            url != nil
        case .proxy: url != nil || value.isEmpty
        default: true
        }
    }

    var excluded: ConnectionOption? {
        switch self {
        case .auth: .bearer
        case .bearer: .auth
        case .ipv4: .ipv6
        case .ipv6: .ipv4
        case .http2: .http2PriorKnowledge
        case .http2PriorKnowledge: .http2
        default: nil
        }
    }

    fileprivate var required: ConnectionOption? {
        switch self {
        case .maxRedirects, .redirectToPlain: .location
        case .key, .passphrase: .cert
        default: nil
        }
    }
}
