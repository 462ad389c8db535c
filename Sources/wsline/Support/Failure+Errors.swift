import ArgumentParser
import CPOSIX
import MessageText
import NIOCore
import NIOHTTP1
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// Maps the errors of all modules to messages and exit statuses.
extension Failure {
    /// Creates the failure for an error that ended the run; an unexpected error is a bug in wsline.
    init(_ error: any Error) {
        self =
            switch error {
            case let failure as Failure: failure
            case let error as ConnectError: Failure(error)
            case let error as FileError: Failure(.noInput, error.message)
            case let error as Recording.Invalid: Failure(.unsendableInput, error.message)
            case let error as ValidationError: Failure(.usage, error.message)
            case let error as InvalidValue: Failure(.usage, error.description)
            case let error as SystemCallError: Failure(.lost, error.description)
            case let error as IOError: Failure(.lost, "the connection was lost: \(error)")
            default: Failure(.defect, "internal error: \(error); please report it")
            }
    }

    /// Creates the failure for an address that cannot be listened on.
    init(listening address: ListenAddress, _ error: any Error) {
        if error is SocketAddressError.UnknownHost {
            self.init(ConnectError.nameNotResolved(host: address.host, reason: describe(error)))
            return
        }
        let place = address.authority(port: address.port)
        let hint =
            switch (error as? IOError)?.errnoCode {
            case EADDRINUSE: "; another program uses this port; port 0 picks a free one"
            case EACCES: "; ports below 1024 require administrator rights"
            default: ""
            }
        self.init(.unavailable, "cannot listen on \(place): \(describe(error))\(hint)")
    }

    init(_ error: ConnectError) {
        let explanation = error.explanation(.commandLine)
        self.init(Self.status(of: error), explanation.message, details: explanation.details)
        switch error {
        // A command that asks a server for a token fails while the network is down.
        case .nameNotResolved, .unreachable, .timedOut, .endedEarly, .credentialCommand: mayPass = true
        case .refused(_, let refusal): mayPass = Self.mayPass(refusal)
        case .proxy(_, _, .refused(let refusal)): mayPass = Self.mayPass(refusal)
        case .proxy(_, _, .unreachable), .proxy(_, _, .ended): mayPass = true
        default: break
        }
    }

    /// Whether a server with this response may only be unavailable temporarily.
    private static func mayPass(_ refusal: Refusal) -> Bool {
        refusal.response.status.code >= 500 || [408, 425, 429].contains(refusal.response.status.code)
    }

    /// Returns the exit status for an error.
    private static func status(of error: ConnectError) -> ExitStatus {
        switch error {
        case .nameNotResolved: .noHost
        case .timedOut: .timedOut
        case .certificateNotAccepted, .clientCertificateNotAccepted, .proxy(_, _, .certificateNotAccepted),
            .proxy(_, _, .notAllowed):
            .notAllowed
        case .refused(_, let refusal), .proxy(_, _, .refused(let refusal)):
            [401, 403, 407].contains(refusal.response.status.code) ? .notAllowed : .unavailable
        case .badProxy, .http2(_, .requiresTLS): .usage
        case .invalidUpgrade: .protocolBroken
        case .unreadableAnswer(_, let fault):
            switch fault {
            case .tls, .http2, .notHTTP, .cutShort: .unavailable
            case .statusLine, .bareLineFeed, .foldedHeader, .headerLine, .tooLong, .other: .protocolBroken
            }
        case .unreadableFile: .noInput
        case .cancelled: .lost
        case .unreachable, .tls, .proxy, .badRedirect, .tooManyRedirects, .redirectedToPlain, .http2, .endedEarly,
            .credentialCommand:
            .unavailable
        }
    }

    /// Creates the failure for a run that exceeded its time limit.
    init(timeLimit: Seconds) {
        self.init(.timedOut, "timed out after \(timeLimit.formatted) s (--max-time)")
    }

    /// Creates the failure for an expectation that no message met.
    ///
    /// - Parameters:
    ///   - expectation: the expected message.
    ///   - lastMessage: the last message received.
    ///   - ending: how the connection ended.
    ///   - limit: a description of how long the session waited, such as " within 10 s".
    init(unmet expectation: Expectation, _ lastMessage: String?, _ ending: CloseOutcome, _ limit: String) {
        let received = lastMessage.map { "the last message was \(Self.excerpt(of: $0))" } ?? "no message was received"
        let end = Failure(ending).map { "; \($0.message)" } ?? ""
        let what = Self.excerpt(of: expectation.source)
        self.init(.expectationFailed, "no message matched \(what)\(limit); \(received)\(end)")
    }

    private static func excerpt(of text: String) -> String {
        let part = Excerpt.start(of: text, 200)
        let length = part.utf8.elementsEqual(text.utf8) ? "" : " (\(text.utf8.count) bytes)"
        guard part.unicodeScalars.contains(where: VisibleText.mustBeVisible) else { return "\"\(part)\"\(length)" }
        return "\(VisibleText.quoted(part)) (escaped)\(length)"
    }

    /// Creates the failure for a connection that the server closed.
    init(closedByServer frame: CloseFrame) {
        let passing: [CloseCode] = [.goingAway, .internalError, .serviceRestart, .tryAgainLater, .badGateway]
        self.init(
            .closedByServer,
            "the server closed the connection: \(frame.words)",
            mayPass: frame.code.map(passing.contains) ?? false
        )
    }

    /// Creates the failure for a server that does not answer pings.
    init(pingTimeout limit: Seconds) {
        self.init(
            .timedOut,
            "the connection is dead: nothing received within \(limit.formatted) s after a ping (--ping-timeout)",
            mayPass: true
        )
    }

    /// Creates the failure for the end of a connection; nil if it was closed as requested.
    init?(_ ending: CloseOutcome) {
        switch ending {
        case .closed(let frame, let answered):
            let isAsked = frame.code == nil || frame.code == .normalClosure || frame.code == .goingAway
            guard let code = frame.code, !isAsked, code != answered?.code else { return nil }
            self.init(closedByServer: frame)
        case .violation: self.init(.protocolBroken, ending.fault(.commandLine) ?? "")
        case .lost(_, let whileClosing): self.init(.lost, ending.fault(.commandLine) ?? "", mayPass: !whileClosing)
        case .closeTimedOut: self.init(.timedOut, ending.fault(.commandLine) ?? "")
        }
    }
}
