/// A statement of a script that is an option of `wsline connect`, written without its dashes.
enum ConnectionOption: String, CaseIterable, Sendable {
    case header, subprotocol, origin, host, location, auth, bearer, cookie, netrc, ca, cert, key, passphrase, insecure
    case servername, ipv4, ipv6, resolve, proxy, fragment
    case userAgent = "user-agent"
    case maxRedirects = "max-redirects"
    case redirectToPlain = "redirect-to-plain"
    case noCompress = "no-compress"
    case maxMessageSize = "max-message-size"
    case noCheck = "no-check"
    case tlsMin = "tls-min"
    case connectTimeout = "connect-timeout"
    case closeTimeout = "close-timeout"

    /// What follows the name.
    enum Value {
        case none, text, file
        /// A text, or `@` and the file that has it.
        case textOrFile
    }

    var value: Value {
        switch self {
        case .location, .redirectToPlain, .netrc, .insecure, .noCheck, .noCompress, .ipv4, .ipv6: .none
        case .ca, .cert, .key: .file
        case .header, .auth, .bearer, .cookie, .passphrase, .proxy: .textOrFile
        case .subprotocol, .origin, .host, .userAgent, .maxRedirects, .maxMessageSize, .servername, .tlsMin,
            .connectTimeout, .resolve, .closeTimeout, .fragment:
            .text
        }
    }

    /// Puts the option as it stands on a command line.
    ///
    /// - Parameters:
    ///   - value: what follows the name, expanded.
    ///   - folder: the folder that files are relative to.
    /// - Returns: the arguments.
    func arguments(_ value: String?, folder: String) -> [String] {
        guard let value else { return ["--\(rawValue)"] }
        switch self.value {
        case .none: return ["--\(rawValue)"]
        case .text: return ["--\(rawValue)=\(value)"]
        case .file: return ["--\(rawValue)=\(ScriptFile.path(of: value, in: folder))"]
        case .textOrFile:
            guard value.hasPrefix("@") else { return ["--\(rawValue)=\(value)"] }
            return ["--\(rawValue)=@\(ScriptFile.path(of: String(value.dropFirst()), in: folder))"]
        }
    }
}

/// Files that a script names.
enum ScriptFile {
    /// Where a file is: relative to the script's folder, unless it says otherwise.
    static func path(of name: String, in folder: String) -> String {
        let name = FilePath.expand(name)
        return name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
    }
}
