import NIOCore
package import WebSocketProtocol
package import WebSocketTransport

extension CloseOutcome {
    /// Explains an ending that is a failure.
    ///
    /// - Parameter spelling: the spelling of option names in hints.
    /// - Returns: the explanation; nil if a Close frame ended the connection.
    package func fault(_ spelling: OptionSpelling) -> String? {
        switch self {
        case .closed: return nil
        case .violation(let error):
            let rule = error.reference.map { " (\($0))" } ?? "; \(spelling.name(.maxMessageSize)) raises it"
            return "closed with \(error.closeCode.rawValue), because \(error)\(rule)"
        case .lost(let reason, let whileClosing):
            let why = reason.map { ": \($0)" } ?? ""
            let when = whileClosing ? "before the server answered our Close" : "without a Close"
            return "the connection was lost \(when)\(why)"
        case .closeTimedOut(let limit):
            let seconds = Seconds.format(Double(limit.nanoseconds) / 1e9)
            let hint = "\(spelling.name(.closeTimeout)) gives it longer"
            return "the server did not answer our Close within \(seconds) s; \(hint)"
        }
    }
}

extension CloseFrame {
    /// The code, its name and the reason: `1011 internal error: "database away"`.
    package var words: String {
        guard let code else { return "no code" }
        return "\(code.rawValue) \(code.name)" + (reason.isEmpty ? "" : ": \"\(reason)\"")
    }
}
