import CPOSIX
import MessageText
import NIOCore
import NIOHTTP1
import WebSocketTransport
import WebSocketProtocol

/// The one table from what the modules report to what the user reads and the script gets.
extension Failure {
    /// Tells what an error that ended the run means; what is not foreseen is a defect of ours.
    init(_ error: any Error) {
        self =
            switch error {
            case let diagnostic as Failure: diagnostic
            case let error as ConnectError: Failure(error)
            case let error as SystemCallError: Failure(.lost, error.description)
            case let error as IOError: Failure(.lost, "the connection was lost: \(error)")
            default: Failure(.defect, "a defect in wsline, please report it: \(error)")
            }
    }

    /// Tells why an address can't be listened on.
    init(listening address: ListenAddress, _ error: any Error) {
        if error is SocketAddressError.UnknownHost {
            self.init(ConnectError.nameNotResolved(host: address.host, reason: describe(error)))
            return
        }
        let place = address.authority(port: address.port)
        let hint =
            switch (error as? IOError)?.errnoCode {
            case EADDRINUSE: "; another program listens there, port 0 picks a free one"
            case EACCES: "; ports below 1024 are the administrator's"
            default: ""
            }
        self.init(.unavailable, "cannot listen on \(place): \(describe(error))\(hint)")
    }

    init(_ error: ConnectError) {
        self.init(describing: error)
        switch error {
        case .nameNotResolved, .unreachable, .timedOut, .endedEarly: mayPass = true
        case .refused(_, let refusal): mayPass = Self.mayPass(refusal)
        case .proxy(_, _, .refused(let refusal)): mayPass = Self.mayPass(refusal)
        case .proxy(_, _, .unreachable), .proxy(_, _, .ended): mayPass = true
        default: break
        }
    }

    /// Whether a server that answers so is only not ready.
    private static func mayPass(_ refusal: Refusal) -> Bool {
        refusal.response.status.code >= 500 || [408, 425, 429].contains(refusal.response.status.code)
    }

    private init(describing error: ConnectError) {
        switch error {
        case .nameNotResolved(let host, _, let family, let isProxy):
            let (wanted, hint) =
                switch family {
                case .any: ("address", "check its spelling and the name servers")
                case .ipv4: ("IPv4 address", "without -4 others are tried too")
                case .ipv6: ("IPv6 address", "without -6 others are tried too")
                }
            self.init(.noHost, "the \(isProxy ? "proxy's " : "")host \"\(host)\" has no \(wanted); \(hint)")
        case .unreachable(let url, let proxy, let attempts):
            let place = proxy.map { "the proxy \($0)" } ?? url.place
            self.init(.unavailable, "cannot connect to \(place) (\(attempts.joined(separator: "; ")))")
        case .timedOut(let url, let seconds, let phase):
            let what =
                switch phase {
                case .connecting: "no connection to \(url.place)"
                case .tunnelling: "no tunnel through the proxy to \(url.place)"
                case .securing: "no TLS with \(url.place)"
                case .upgrading: "no complete answer from \(url.place)"
                }
            let hint = phase == .securing ? "; is it a server for ws://?" : ""
            self.init(
                .timedOut,
                "\(what) within \(Seconds.format(seconds)) s\(hint); --connect-timeout gives it longer"
            )
        case .certificateNotAccepted(let url, let fault):
            self.init(.notAllowed, "the certificate of \(url.place) was not accepted: \(fault)")
        case .clientCertificateNotAccepted(let url, let reason):
            self.init(
                .notAllowed,
                "\(url.place) did not accept our certificate, or wants one: \(reason); --cert FILE shows one"
            )
        case .tls(let url, let reason):
            self.init(.unavailable, "TLS with \(url.place) failed: \(reason)")
        case .proxy(let proxy, let url, let failure):
            self.init(proxy, url, failure)
        case .badProxy(let error):
            self.init(.usage, "\(error)")
        case .badRedirect(let url, let location, let reason):
            let shown = Redaction.withoutSecrets(location)
            self.init(.unavailable, "\(url) redirects to \"\(shown)\", which cannot be followed: \(reason)")
        case .tooManyRedirects(let url, let limit):
            self.init(.unavailable, "\(url) redirects once more, after \(limit) redirects; --max-redirects allows more")
        case .redirectedToPlain(let url, let target):
            self.init(
                .unavailable,
                "\(url) redirects to \(target), which has no TLS; --redirect-to-plain follows it all the same"
            )
        case .refused(let url, let refusal):
            self.init(refusal, url)
        case .invalidUpgrade(let url, let violation):
            self.init(.protocolBroken, "\(url.place) answered 101, but \(violation)")
        case .unreadableAnswer(let url, let fault):
            let isHTTP =
                switch fault {
                case .tls, .http2, .notHTTP, .cutShort: false
                case .statusLine, .bareLineFeed, .foldedHeader, .headerLine, .tooLong, .other: true
                }
            self.init(
                isHTTP ? .protocolBroken : .unavailable,
                "the answer of \(url.place) cannot be read: \(fault)"
            )
        case .unreadableFile(let path, let wanted):
            self.init(.noInput, "cannot read \(wanted) from \"\(path)\"; is there such a file, and is it that?")
        case .cancelled:
            self.init(.lost, "the attempt to connect was given up")
        case .endedEarly(let url, let reason):
            let why =
                reason.map { ": \($0)" } ?? "; is it a WebSocket server\(url.isSecure ? "" : ", or one for wss://")?"
            self.init(.unavailable, "\(url.place) ended the connection before it answered\(why)")
        }
    }

    private init(_ proxy: Proxy, _ url: WebSocketURL, _ failure: ProxyFailure) {
        switch failure {
        case .refused(let refusal):
            let status = refusal.response.status
            let hint = status.code == 407 ? "; it wants a name and password: http://user:password@…" : ""
            self.init(
                [401, 403, 407].contains(status.code) ? .notAllowed : .unavailable,
                "the proxy \(proxy) refused the way to \(url.place): \(status.code) \(status.reasonPhrase)\(hint)",
                details: refusal.textLines
            )
        case .unreachable(let reason):
            self.init(.unavailable, "the proxy \(proxy) cannot connect to \(url.place): \(reason)")
        case .notAllowed:
            self.init(
                .notAllowed,
                "the proxy \(proxy) wants a name and password, or others: \(proxy.scheme)://user:password@…"
            )
        case .unreadable(let reason):
            self.init(.unavailable, "the answer of the proxy \(proxy) cannot be read: \(reason)")
        case .ended(let reason):
            let why = reason.map { ": \($0)" } ?? ""
            self.init(.unavailable, "the proxy \(proxy) ended the connection before there was a tunnel\(why)")
        case .certificateNotAccepted(let fault):
            self.init(.notAllowed, "the certificate of the proxy \(proxy) was not accepted: \(fault)")
        case .tls(let reason):
            self.init(.unavailable, "TLS with the proxy \(proxy) failed: \(reason)")
        }
    }

    private init(_ refusal: Refusal, _ url: WebSocketURL) {
        let status = refusal.response.status
        func header(_ name: String) -> String? { refusal.response.headers[name].first }
        let hint: String
        switch status.code {
        case 401, 403, 407:
            let wanted = header("www-authenticate").map { "; it wants \($0)" } ?? ""
            let origin = status.code == 403 ? ", --origin the page that one comes from" : ""
            hint = "\(wanted); --auth, --bearer or --cookie shows credentials, or others\(origin)"
        case 300..<400:
            hint =
                header("location").map { "; it redirects to \(Redaction.withoutSecrets($0)), which -L follows" } ?? ""
        case 404 where url.target == "/": hint = "; perhaps the WebSocket is at another path, such as /ws"
        case 404:
            hint = "; nothing is at \(Redaction.withoutSecretParameters(url.target)), perhaps something is at /"
        case 200..<300: hint = "; this is a web page, not a WebSocket; perhaps it is at another path, such as /ws"
        case 400 where !url.isSecure && refusal.wantsTLS: hint = "; this port wants TLS: wss://"
        case 426: hint = refusal.wantedUpgrade
        case 429, 503: hint = header("retry-after").map { "; it asks to wait: Retry-After: \($0)" } ?? ""
        case 505: hint = "; it speaks another version of HTTP"
        default: hint = ""
        }
        self.init(
            [401, 403, 407].contains(status.code) ? .notAllowed : .unavailable,
            "\(url) refused the upgrade: \(status.code) \(status.reasonPhrase)\(hint)",
            details: refusal.textLines
        )
    }

    /// Tells that the whole run took too long.
    init(timeLimit: Seconds) {
        self.init(.timedOut, "the run was not over after \(timeLimit.formatted) s (--max-time)")
    }

    /// Tells that no message came that was expected.
    ///
    /// - Parameters:
    ///   - expectation: what the message was to be.
    ///   - lastMessage: what came last.
    ///   - ending: how the connection ended.
    ///   - limit: how far it was waited for, such as " within 10 s".
    init(unmet expectation: Expectation, _ lastMessage: String?, _ ending: CloseOutcome, _ limit: String) {
        let received = lastMessage.map { "the last one was \(Self.excerpt(of: $0))" } ?? "none came at all"
        let end = Failure(ending).map { "; \($0.message)" } ?? ""
        let what = Self.excerpt(of: expectation.source)
        self.init(.expectationFailed, "no message matched \(what)\(limit); \(received)\(end)")
    }

    private static func excerpt(of text: String) -> String {
        let (part, length) =
            text.count > 200 ? (text.prefix(200) + "…", " (\(text.utf8.count) bytes)") : (text, "")
        guard part.unicodeScalars.contains(where: VisibleText.mustBeVisible) else { return "\"\(part)\"\(length)" }
        return "\(VisibleText.quoted(part)), with escapes\(length)"
    }

    /// Tells that the server closed the connection.
    init(closedByServer frame: CloseFrame) {
        let passing: [CloseCode] = [.goingAway, .internalError, .serviceRestart, .tryAgainLater, .badGateway]
        self.init(
            .closedByServer,
            "the server closed the connection: \(frame.words)",
            mayPass: frame.code.map(passing.contains) ?? false
        )
    }

    /// Tells that the server does not answer pings.
    init(pingTimeout limit: Seconds) {
        self.init(
            .timedOut,
            "the connection is dead: nothing came for \(limit.formatted) s after a ping (--ping-timeout)",
            mayPass: true
        )
    }

    /// Tells what the ending of a connection means; nil when it was closed as asked.
    init?(_ ending: CloseOutcome) {
        switch ending {
        case .closed(let frame, let answered):
            let isAsked = frame.code == nil || frame.code == .normalClosure || frame.code == .goingAway
            guard let code = frame.code, !isAsked, code != answered?.code else { return nil }
            self.init(closedByServer: frame)
        case .violation(let error):
            let rule = error.reference.map { " (\($0))" } ?? "; --max-message-size raises it"
            self.init(.protocolBroken, "closed with \(error.closeCode.rawValue), because \(error)\(rule)")
        case .lost(let reason, let whileClosing):
            let why = reason.map { ": \($0)" } ?? ""
            let when = whileClosing ? "before the server answered our Close" : "without a Close"
            self.init(.lost, "the connection was lost \(when)\(why)", mayPass: !whileClosing)
        case .closeTimedOut(let limit):
            let seconds = Seconds.format(Double(limit.nanoseconds) / 1e9)
            self.init(
                .timedOut,
                "the server did not answer our Close within \(seconds) s; --close-timeout gives it longer"
            )
        }
    }
}

extension CloseFrame {
    /// Code, name and reason, fit to be read: `1011 internal error: "database away"`.
    var words: String {
        guard let code else { return "no code" }
        return "\(code.rawValue) \(code.name)" + (reason.isEmpty ? "" : ": \"\(reason)\"")
    }
}

extension Refusal {
    /// What a server wants that answers 426.
    fileprivate var wantedUpgrade: String {
        let versions = response.headers["sec-websocket-version"]
        if !versions.isEmpty { return "; it speaks WebSocket version \(versions.joined(separator: ", ")), not 13" }
        let protocols = response.headers["upgrade"]
        return protocols.isEmpty ? "" : "; it asks for \(protocols.joined(separator: ", "))"
    }

    /// Whether the body says that plain HTTP came to a port for TLS, as nginx, Apache and Go's servers put it.
    fileprivate var wantsTLS: Bool {
        let text = String(decoding: body.readableBytesView, as: UTF8.self).lowercased()
        return text.contains("https port") || text.contains("https server") || text.contains("ssl-enabled")
    }

    /// The first lines of the body, when it is text.
    fileprivate var textLines: [String] {
        let text = String(decoding: body.readableBytesView, as: UTF8.self)
        guard !text.unicodeScalars.contains(where: { $0 == "\0" }) else { return [] }
        return text.split(whereSeparator: \.isNewline).prefix(5).map { line in
            line.count > 200 ? line.prefix(200) + "…" : String(line)
        }
    }
}

extension Proxy {
    /// What its URL begins with.
    fileprivate var scheme: Substring { description.prefix { $0 != ":" } }
}
