/// Hides secrets in output and recordings: user information in URLs, and the values of headers and query parameters
/// whose names suggest secrets.
package enum Redaction {
    /// The replacement for a hidden value.
    package static let placeholder = "…"

    /// The parts of names that mark a value as secret, in lowercase. Hiding too much is safer: "monkey" contains "key".
    private static let nameParts = [
        "assertion", "auth", "bearer", "cookie", "credential", "csrf", "jwt", "key", "pass", "pwd", "saml", "secret",
        "sess",
        "signature", "ticket", "token", "xsrf",
    ]

    /// Names and words in names that mark a value as secret but are too short to match as parts.
    private static let words: Set<Substring> = ["code", "hmac", "otp", "pin", "sid", "sig"]

    /// Headers whose names match but whose values are not secret.
    private static let harmlessHeaders: Set<String> = [
        ":authority", "proxy-authenticate", "sec-websocket-key", "www-authenticate",
    ]

    /// Whether the name of a header or query parameter suggests that its value is secret.
    package static func isSecret(_ name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        return !harmlessHeaders.contains(name)
            && (nameParts.contains(where: name.contains)
                || name.split { !$0.isLetter && !$0.isNumber }.contains(where: words.contains))
    }

    /// Returns the value of a header for display: hidden if its name suggests a secret, and otherwise without secrets
    /// in URLs.
    package static func headerValue(_ value: String, of name: String) -> String {
        isSecret(name) ? placeholder : withoutSecrets(value)
    }

    /// Hides user information and secret query parameters of the URLs in a text.
    package static func withoutSecrets(_ text: String) -> String {
        var text = text
        if text.contains("@") || text.contains(":") {
            text = text.replacing(/[^\s'"]+/) { withoutUserInformation($0.output) }
        }
        return withoutSecretParameters(text)
    }

    /// Hides secrets in an error message that may repeat command-line arguments.
    ///
    /// - Parameters:
    ///   - text: the error message.
    ///   - arguments: the arguments. Each of them, or its value after `=`, is treated as one URL, including any spaces
    ///     and quotation marks.
    /// - Returns: the message without secrets.
    package static func withoutSecrets(_ text: String, ofArguments arguments: [String]) -> String {
        var text = text
        for argument in arguments {
            let value = argument.firstMatch(of: /^--?[\w-]+=/).map { argument[$0.range.upperBound...] } ?? argument[...]
            let shown = withoutSecretParameters(withoutUserInformation(value))
            if shown != value { text = text.replacing(value, with: shown) }
        }
        return withoutSecrets(text)
    }

    /// Returns a URL for display, which may be malformed: without user information and secret query parameters, and
    /// without an invalid port, which may be part of a password.
    package static func url(_ text: String) -> String {
        let added = text.contains(/^([A-Za-z0-9+.-]+:)?\/\//) ? "" : "//"
        return withoutSecretParameters(String(withoutUserInformation("\(added)\(text)").dropFirst(added.count)))
    }

    /// Hides the values of secret query parameters in a URL or in its path and query.
    package static func withoutSecretParameters(_ text: String) -> String {
        guard text.contains("=") else { return text }
        return text.replacing(/([?&;#])([^=?&;#\s'"]+)=([^&;#\s'"]+)/) { match in
            let (all, start, name, _) = match.output
            return isSecret(percentDecoded(name)) ? "\(start)\(name)=\(placeholder)" : String(all)
        }
    }

    /// Hides the user information in a URL that may be malformed: everything between the scheme and the last `@`, and a
    /// port that is not a number.
    private static func withoutUserInformation(_ url: Substring) -> String {
        // The user may have typed one slash or none instead of two.
        let schemes = /\W*(?i:wss?|https?|socks5?h?|wss?\+unix):\/*|[A-Za-z0-9+.-]+:\/\/|\/\//
        let scheme = String(url.prefixMatch(of: schemes)?.output ?? "")
        let rest = url.dropFirst(scheme.count)
        // "me@example.com" contains no password, and "@file" names a file.
        if let at = rest.lastIndex(of: "@"), at != rest.startIndex, !scheme.isEmpty || rest[..<at].contains(":") {
            return "\(scheme)\(placeholder)\(withoutFalsePort(rest[at...]))"
        }
        return scheme.isEmpty ? String(url) : "\(scheme)\(withoutFalsePort(rest))"
    }

    private static func withoutFalsePort(_ text: Substring) -> String {
        let end = text.firstIndex { "/?#".contains($0) } ?? text.endIndex
        guard let colon = text[..<end].firstIndex(of: ":"), !text[..<end].contains("[") else { return String(text) }
        let port = text[colon..<end].dropFirst()
        // Punctuation after a URL belongs to the sentence.
        guard port.drop(while: \.isWholeNumber).contains(where: { $0.isLetter || $0.isNumber || $0 == ":" }) else {
            return String(text)
        }
        return "\(text[...colon])\(placeholder)\(text[end...])"
    }

    private static func percentDecoded(_ text: Substring) -> String {
        String(text).replacing(/%([0-7][0-9A-Fa-f])/) { (match: Regex<(Substring, Substring)>.Match) -> String in
            guard let value = UInt8(match.output.1, radix: 16) else { return String(match.output.0) }
            return String(UnicodeScalar(value))
        }
    }
}
