import MessageText

/// What is said on standard error when a run did not end well, and the status that goes with it.
struct Failure: Error, Equatable {
    /// The exit status.
    var status: ExitStatus
    /// One line: what went wrong, the value at fault, what to try. Empty when there is nothing to say.
    var message: String
    /// Lines below it, such as the start of what a server answered.
    var details: [String] = []
    /// Whether it may be otherwise the next time, so that connecting again makes sense.
    var mayPass = false

    init(_ status: ExitStatus, _ message: String, details: [String] = [], mayPass: Bool = false) {
        self.status = status
        self.message = message
        self.details = details
        self.mayPass = mayPass
    }

    /// The text for standard error. Nothing in it can drive a terminal, whatever a server or a typo put in.
    func text(isColored: Bool = false) -> String {
        guard !message.isEmpty else { return "" }
        let text = (["wsline: " + VisibleText.line(message)] + details.map { "  | " + VisibleText.line($0) })
            .joined(separator: "\n")
        return (isColored ? Color.red.applied(to: text) : text) + "\n"
    }
}
