import NIOCore
import TestScript
import WebSocketTransport
import WebSocketProtocol

/// How the connection to a client ended, as text and as an exit status.
struct ClientOutcome {
    let client: Client
    let ending: CloseOutcome

    /// A description for the user: "closed: 1000 normal closure".
    var words: String {
        let unsent = client.connection.messagesNotSent
        guard unsent > 0 else { return reason }
        return reason + "; \(unsent) message\(unsent == 1 ? "" : "s") for it may not have arrived"
    }

    private var reason: String {
        switch (client.fault, ending) {
        case (.notReading, _):
            return "was cut off: it did not read, and more than \(Client.pendingLimit >> 20) MiB waited for it"
        case (.silent(let limit), _):
            return "was closed: it sent nothing for \(limit.formatted) s (--idle-timeout)"
        case (nil, .closed(let frame, _)):
            return "closed: \(frame.words)"
        case (nil, .violation(let error)):
            let rule = error.reference.map { " (\($0))" } ?? "; --max-message-size raises it"
            return "was closed with \(error.closeCode.rawValue), because \(error)\(rule)"
        case (nil, .lost(let reason, let whileClosing)):
            let when = whileClosing ? "before it answered our Close" : "without a Close"
            return "was lost \(when)" + (reason.map { ": \($0)" } ?? "")
        case (nil, .closeTimedOut(let limit)):
            let seconds = Seconds.format(Double(limit.nanoseconds) / 1e9)
            return "did not answer our Close within \(seconds) s"
        }
    }

    /// The exit status of a run whose only client ended this way.
    var status: ExitStatus {
        switch client.fault {
        case .notReading: .lost
        case .silent: .timedOut
        case nil: Failure(ending)?.status ?? .success
        }
    }
}
