import MessageText
import NIOCore
import NIOHTTP1
import WebSocketProtocol
package import WebSocketTransport

/// A description of an error for the user.
package struct Explanation: Error, Equatable {
    /// One line: what failed, the value at fault and what to do.
    package let message: String
    /// Lines below the message, such as the start of a server's response.
    package let details: [String]

    init(_ message: String, details: [String] = []) {
        self.message = message
        self.details = details
    }

    /// Creates the description of an error of a script's connection.
    init(_ error: any Error) {
        switch error {
        case let error as Explanation: self = error
        case let error as ConnectError: self = error.explanation(.script)
        case let error as FileError: self.init(error.message)
        case let error as IOError: self.init("the connection was lost: \(error)")
        default: self.init("\(error)")
        }
    }
}

extension ConnectError {
    /// Explains why the connection could not be opened.
    ///
    /// - Parameter spelling: the spelling of option names in hints.
    /// - Returns: the explanation.
    package func explanation(_ spelling: OptionSpelling) -> Explanation {
        switch self {
        case .refused(let url, let refusal): refusal.explanation(url, spelling)
        case .proxy(let proxy, let url, let failure): failure.explanation(proxy, url)
        case .credentialCommand(let reason, let details): Explanation("not connected: \(reason)", details: details)
        default: Explanation(message(spelling))
        }
    }

    private func message(_ spelling: OptionSpelling) -> String {
        switch self {
        // These have details, too; see `explanation`.
        case .refused, .proxy, .credentialCommand: return ""
        case .nameNotResolved(let host, _, let family, let isProxy):
            let (missing, hint) =
                switch family {
                case .any where host == "echo": ("address", "for the built-in echo server use echo:")
                case .any: ("address", "check the spelling")
                case .ipv4: ("IPv4 address", "remove \(spelling.name(.ipv4)) to try other addresses")
                case .ipv6: ("IPv6 address", "remove \(spelling.name(.ipv6)) to try other addresses")
                }
            return "cannot resolve \(isProxy ? "the proxy " : "")\"\(host)\": no \(missing); \(hint)"
        case .unreachable(let url, let proxy, let attempts):
            let place = proxy.map { "the proxy \($0)" } ?? url.place
            return "cannot connect to \(place): \(attempts.joined(separator: ", "))"
        case .timedOut(let url, let seconds, let phase):
            let what =
                switch phase {
                case .authorizing(let option): " waiting for the command of \(option) to exit"
                case .connecting: ""
                case .tunnelling(let proxy): " waiting for the proxy \(proxy)"
                case .securing: " in the TLS handshake (try ws://)"
                case .upgrading: " waiting for the response"
                }
            return "cannot connect to \(url.place): timed out after \(Seconds.format(seconds)) s\(what); "
                + "\(spelling.name(.connectTimeout)) sets the limit"
        case .certificateNotAccepted(let url, let fault):
            return "the certificate of \(url.place) was rejected: \(spelling.respelled("\(fault)"))"
        case .clientCertificateNotAccepted(let url, let reason):
            return "\(url.place) rejected the client certificate or requires one: \(reason); "
                + "use \(spelling.name(.cert)) FILE"
        case .tls(let url, let reason): return "TLS with \(url.place) failed: \(reason)"
        case .badProxy(let error): return "\(error)"
        case .badRedirect(let url, let location, let reason):
            return "cannot follow the redirect from \(url) to \"\(Redaction.withoutSecrets(location))\": \(reason)"
        case .tooManyRedirects(let url, let limit):
            return
                "too many redirects (limit \(limit)), the last from \(url); \(spelling.name(.maxRedirects)) sets the limit"
        case .redirectedToPlain(let url, let target):
            return "\(url) redirects to \(target), which has no TLS; use \(spelling.name(.redirectToPlain)) to follow "
                + "it"
        case .invalidUpgrade(let url, let violation):
            return "invalid handshake response from \(url.place): \(violation)"
        case .http2(let url, let failure): return failure.message(url, spelling)
        case .unreadableAnswer(let url, let fault):
            return "invalid response from \(url.place): \(spelling.respelled("\(fault)"))"
        case .unreadableFile(let path, let wanted, let reason):
            return "cannot read \(wanted) from \"\(path)\": \(reason)"
        case .cancelled: return "the attempt to connect was canceled"
        case .endedEarly(let url, let reason):
            let why = reason.map { ": \($0)" } ?? ""
            let hint =
                reason == nil || url.isSecure
                ? "; check that it is a WebSocket server, or try \(url.isSecure ? "ws" : "wss")://" : ""
            return "\(url.place) closed the connection before responding\(why)\(hint)"
        }
    }
}

extension HTTP2Failure {
    fileprivate func message(_ url: WebSocketURL, _ spelling: OptionSpelling) -> String {
        let http2 = spelling.name(.http2)
        switch self {
        case .requiresTLS:
            return "\(http2) requires wss://, but \(url) has no TLS; use \(spelling.name(.http2PriorKnowledge))"
        case .notNegotiated:
            return "\(url.place) does not offer HTTP/2; remove \(http2) to use HTTP/1.1"
        case .noExtendedConnect:
            return "\(url.place) does not support WebSocket over HTTP/2 (SETTINGS_ENABLE_CONNECT_PROTOCOL is not set); "
                + "use HTTP/1.1"
        case .notHTTP2:
            return "\(url.place) does not speak HTTP/2; remove "
                + "\(spelling.name(.http2PriorKnowledge)) to use HTTP/1.1"
        }
    }
}

extension ProxyFailure {
    fileprivate func explanation(_ proxy: Proxy, _ url: WebSocketURL) -> Explanation {
        switch self {
        case .refused(let refusal):
            let status = refusal.response.status
            let hint = status.code == 407 ? "; it requires credentials: http://user:password@…" : ""
            return Explanation(
                "the proxy \(proxy) refused to connect to \(url.place): \(status.code) \(status.reasonPhrase)\(hint)",
                details: refusal.textLines
            )
        case .unreachable(let reason):
            return Explanation("the proxy \(proxy) cannot connect to \(url.place): \(reason)")
        case .notAllowed:
            let scheme = proxy.description.prefix { $0 != ":" }
            return Explanation(
                "the proxy \(proxy) rejected the credentials or requires them: \(scheme)://user:password@…"
            )
        case .unreadable(let reason): return Explanation("invalid response from the proxy \(proxy): \(reason)")
        case .ended(let reason):
            let why = reason.map { ": \($0)" } ?? ""
            return Explanation("the proxy \(proxy) closed the connection before responding\(why)")
        case .certificateNotAccepted(let fault):
            return Explanation("the certificate of the proxy \(proxy) was rejected: \(fault)")
        case .tls(let reason): return Explanation("TLS with the proxy \(proxy) failed: \(reason)")
        }
    }
}

extension Refusal {
    fileprivate func explanation(_ url: WebSocketURL, _ spelling: OptionSpelling) -> Explanation {
        let status = response.status
        func header(_ name: String) -> String? { response.headers[name].first }
        let hint: String
        switch status.code {
        case 401, 403, 407:
            let wanted = header("www-authenticate").map { " (it requires \($0))" } ?? ""
            hint = "\(wanted); \(spelling.credentialsHint(forbidden: status.code == 403))"
        case 300..<400:
            hint =
                header("location").map {
                    "; use \(spelling.name(.location)) to follow the redirect to \(Redaction.withoutSecrets($0))"
                } ?? ""
        case 404 where url.target == "/": hint = "; try another path, such as /ws"
        case 404: hint = "; check the path \"\(Redaction.withoutSecretParameters(url.target))\""
        case 200..<300:
            let example = url.target.prefix { $0 != "?" } == "/ws" ? "" : ", such as /ws"
            hint = "; this is a web page, not a WebSocket; try another path\(example)"
        case 400 where !url.isSecure && wantsTLS: hint = "; this port requires TLS: use wss://"
        case 426: hint = wantedUpgrade
        case 429, 503: hint = header("retry-after").map { "; try again later (Retry-After: \($0))" } ?? ""
        case 505: hint = "; it requires another version of HTTP"
        default: hint = ""
        }
        return Explanation(
            "\(url) refused the upgrade: \(status.code) \(status.reasonPhrase)\(hint)",
            details: textLines
        )
    }

    /// A hint about what a server that responds with 426 expects.
    private var wantedUpgrade: String {
        let versions = response.headers["sec-websocket-version"]
        guard versions.isEmpty else {
            let list = versions.joined(separator: ", ")
            return versions.contains("13") ? "" : "; it supports WebSocket version \(list), not 13"
        }
        let protocols = response.headers["upgrade"]
        return protocols.isEmpty ? "" : "; it requires an upgrade to \(protocols.joined(separator: ", "))"
    }

    /// Whether the body says that plain HTTP was sent to a TLS port, in the words of nginx, Apache or Go.
    private var wantsTLS: Bool {
        let text = String(decoding: body.readableBytesView, as: UTF8.self).lowercased()
        return text.contains("https port") || text.contains("https server") || text.contains("ssl-enabled")
    }

    /// The first lines of the body if it is text.
    fileprivate var textLines: [String] {
        let text = String(decoding: body.readableBytesView, as: UTF8.self)
        guard !text.unicodeScalars.contains(where: { $0 == "\0" }) else { return [] }
        let lines = HTMLText.lines(of: text) ?? text.split(whereSeparator: \.isNewline).map(String.init)
        return lines.prefix(5).map { Excerpt.start(of: $0, 200) }
    }
}
