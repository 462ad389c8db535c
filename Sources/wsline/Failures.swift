import NIOCore
import NIOHTTP1
import WebSocketClient
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The one table from what the modules report to what the user reads and the script gets.
extension Diagnostic {
    /// Tells what an error that ended the run means; what is not foreseen is a defect of ours.
    init(_ error: any Error) {
        self =
            switch error {
            case let diagnostic as Diagnostic: diagnostic
            case let error as ConnectError: Diagnostic(error)
            case let error as SystemCallError: Diagnostic(.lost, error.description)
            case let error as IOError: Diagnostic(.lost, "the connection was lost: \(error)")
            default: Diagnostic(.defect, "a defect in wsline, please report it: \(error)")
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

    private init(_ error: ConnectError) {
        switch error {
        case .nameNotResolved(let host, _):
            self.init(.noHost, "the host \"\(host)\" has no address; check its spelling and the name servers")
        case .unreachable(let url, let attempts):
            self.init(.unavailable, "cannot connect to \(url.authority) (\(attempts.joined(separator: "; ")))")
        case .timedOut(let url, let seconds, let phase):
            let what =
                switch phase {
                case .connecting: "no connection to \(url.authority)"
                case .upgrading: "no complete answer from \(url.authority)"
                }
            self.init(.timedOut, "\(what) within \(Seconds.format(seconds)) s; --connect-timeout gives it longer")
        case .certificateNotAccepted(let url, let reason):
            self.init(
                .notAllowed,
                "the certificate of \(url.authority) was not accepted: \(reason); --no-check connects all the same"
            )
        case .tls(let url, let reason):
            self.init(.unavailable, "TLS with \(url.authority) failed: \(reason)")
        case .refused(let url, let refusal):
            self.init(refusal, url)
        case .invalidUpgrade(let url, let violation):
            self.init(.protocolBroken, "\(url.authority) answered 101, but \(violation)")
        case .unreadableAnswer(let url, let fault):
            let isHTTP =
                switch fault {
                case .tls, .http2, .notHTTP, .cutShort: false
                case .statusLine, .bareLineFeed, .foldedHeader, .headerLine, .tooLong, .other: true
                }
            self.init(
                isHTTP ? .protocolBroken : .unavailable,
                "the answer of \(url.authority) cannot be read: \(fault)"
            )
        case .unreadableFile(let path, let wanted):
            self.init(.noInput, "cannot read \(wanted) from \"\(path)\"; is there such a file, and is it that?")
        case .cancelled:
            self.init(.lost, "the attempt to connect was given up")
        case .endedEarly(let url, let reason):
            let why =
                reason.map { ": \($0)" } ?? "; is it a WebSocket server\(url.isSecure ? "" : ", or one for wss://")?"
            self.init(.unavailable, "\(url.authority) ended the connection before it answered\(why)")
        }
    }

    private init(_ refusal: Refusal, _ url: WebSocketURL) {
        let status = refusal.response.status
        let hint: String
        switch status.code {
        case 401, 403, 407: hint = "; credentials are needed, or others (-H 'Authorization: …')"
        case 300..<400:
            hint = refusal.response.headers["location"].first.map { "; it points to \($0)" } ?? ""
        case 404: hint = "; nothing is at \(url.target)"
        case 200..<300: hint = "; this is a web page, not a WebSocket"
        case 426: hint = refusal.wantedUpgrade
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
    init(unmet expectation: Expectation, _ lastMessage: String?, _ ending: Ending, _ limit: String) {
        let received = lastMessage.map { "the last one was \(Self.excerpt(of: $0))" } ?? "none came at all"
        let end = Diagnostic(ending).map { "; \($0.message)" } ?? ""
        let what = Self.excerpt(of: expectation.source)
        self.init(.expectationFailed, "no message matched \(what)\(limit); \(received)\(end)")
    }

    private static func excerpt(of text: String) -> String {
        text.count > 200 ? "\"\(text.prefix(200))…\" (\(text.utf8.count) bytes)" : "\"\(text)\""
    }

    /// Tells what the ending of a connection means; nil when it was closed as asked.
    init?(_ ending: Ending) {
        switch ending {
        case .closed(let frame, let answered):
            let isAsked = frame.code == nil || frame.code == .normalClosure || frame.code == .goingAway
            guard let code = frame.code, !isAsked, code != answered?.code else { return nil }
            self.init(.closedByServer, "the server closed the connection: \(frame.words)")
        case .violation(let error):
            let rule = error.reference.map { " (\($0))" } ?? "; --max-message-size raises it"
            self.init(.protocolBroken, "closed with \(error.closeCode.rawValue), because \(error)\(rule)")
        case .lost(let reason, let whileClosing):
            let why = reason.map { ": \($0)" } ?? ""
            let when = whileClosing ? "before the server answered our Close" : "without a Close"
            self.init(.lost, "the connection was lost \(when)\(why)")
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

    /// The first lines of the body, when it is text.
    fileprivate var textLines: [String] {
        let text = String(decoding: body.readableBytesView, as: UTF8.self)
        guard !text.unicodeScalars.contains(where: { $0 == "\0" }) else { return [] }
        return text.split(whereSeparator: \.isNewline).prefix(5).map { line in
            line.count > 200 ? line.prefix(200) + "…" : String(line)
        }
    }
}
