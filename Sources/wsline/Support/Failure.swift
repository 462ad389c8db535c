import MessageText

/// The error message and exit status of a run that failed.
struct Failure: Error, Equatable {
    /// The exit status.
    var status: ExitStatus
    /// One line: what failed, the value at fault and what to do. Empty if there is nothing to print.
    var message: String
    /// Lines below the message, such as the start of a server's response.
    var details: [String] = []
    /// Whether the failure may be temporary, so that reconnecting makes sense.
    var mayPass = false

    init(_ status: ExitStatus, _ message: String, details: [String] = [], mayPass: Bool = false) {
        self.status = status
        self.message = message
        self.details = details
        self.mayPass = mayPass
    }

    /// Returns the text for standard error, with control characters escaped: it may quote untrusted input.
    func text(isColored: Bool = false) -> String {
        guard !message.isEmpty else { return "" }
        let text = (["wsline: " + VisibleText.line(message)] + details.map { "  | " + VisibleText.line($0) })
            .joined(separator: "\n")
        return (isColored ? Color.red.applied(to: text) : text) + "\n"
    }
}
