/// Hides secrets in what wsline prints and records: user information in URLs, and the values of header fields and query
/// parameters whose names say that they are secret.
package enum Redaction {
    /// Replaces a hidden value.
    package static let placeholder = "…"

    /// The parts of names that mark a value as secret, in lowercase. Rather hide too much than too little: "monkey" has a
    /// "key".
    private static let nameParts = [
        "assertion", "auth", "bearer", "cookie", "credential", "csrf", "jwt", "key", "pass", "pwd", "saml", "secret",
        "sess",
        "signature", "ticket", "token", "xsrf",
    ]

    /// Names, and words of names, that are too short to be looked for as a part.
    private static let words: Set<Substring> = ["code", "hmac", "otp", "pin", "sid", "sig"]

    /// Header fields with such a name that hold no secret.
    private static let harmlessHeaders: Set<String> = ["proxy-authenticate", "sec-websocket-key", "www-authenticate"]

    /// Checks whether the value of a header field or query parameter is secret.
    ///
    /// - Parameter name: the name, in any case.
    /// - Returns: whether the name says so.
    package static func isSecret(_ name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        return !harmlessHeaders.contains(name)
            && (nameParts.contains(where: name.contains)
                || name.split { !$0.isLetter && !$0.isNumber }.contains(where: words.contains))
    }

    /// Returns the value of a header field as it may be shown: hidden if its name says that it is secret, else without the
    /// secrets of the URLs in it.
    package static func headerValue(_ value: String, of name: String) -> String {
        isSecret(name) ? placeholder : withoutSecrets(value)
    }

    /// Hides the user information and the secret query parameters of the URLs in a text.
    package static func withoutSecrets(_ text: String) -> String {
        var text = text
        if text.contains("@") || text.contains(":") {
            text = text.replacing(/[^\s'"]+/) { withoutUserInformation($0.output) }
        }
        return withoutSecretParameters(text)
    }

    /// Hides the secrets in an error about command-line arguments, which may repeat them.
    ///
    /// - Parameters:
    ///   - text: the error.
    ///   - arguments: the arguments; each, or the value after its `=`, is taken for one URL, spaces and quotation marks in
    ///     it included.
    /// - Returns: the error as it may be shown.
    package static func withoutSecrets(_ text: String, ofArguments arguments: [String]) -> String {
        var text = text
        for argument in arguments {
            let value = argument.firstMatch(of: /^--?[\w-]+=/).map { argument[$0.range.upperBound...] } ?? argument[...]
            let shown = withoutSecretParameters(withoutUserInformation(value))
            if shown != value { text = text.replacing(value, with: shown) }
        }
        return withoutSecrets(text)
    }

    /// Returns a URL as it may be shown, even if it is malformed: without user information, without secret query parameters,
    /// and without a port that is no number, which may be part of a password.
    package static func url(_ text: String) -> String {
        let added = text.contains(/^([A-Za-z0-9+.-]+:)?\/\//) ? "" : "//"
        return withoutSecretParameters(String(withoutUserInformation("\(added)\(text)").dropFirst(added.count)))
    }

    /// Hides the values of secret query parameters in a URL or its path and query.
    package static func withoutSecretParameters(_ text: String) -> String {
        guard text.contains("=") else { return text }
        return text.replacing(/([?&;#])([^=?&;#\s'"]+)=([^&;#\s'"]+)/) { match in
            let (all, start, name, _) = match.output
            return isSecret(percentDecoded(name)) ? "\(start)\(name)=\(placeholder)" : String(all)
        }
    }

    /// Hides the user information of a URL, which may be malformed: everything between the scheme and the last `@`, and
    /// what is in the place of the port but not a number.
    private static func withoutUserInformation(_ url: Substring) -> String {
        // A single slash, or none, may have been meant as two.
        let schemes = /\W*(?i:wss?|https?|socks5?h?|wss?\+unix):\/*|[A-Za-z0-9+.-]+:\/\/|\/\//
        let scheme = String(url.prefixMatch(of: schemes)?.output ?? "")
        let rest = url.dropFirst(scheme.count)
        // "me@example.com" has none, and "@file" names a file.
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
