import MessageText

/// A change of the repeated messages by `/repeat`.
enum RepeatChange: Equatable {
    case list
    case stop
    /// Sends a line now and at an interval.
    case start(RepeatedMessage)

    /// Parses the argument.
    ///
    /// - Throws: `SlashCommand.Invalid` for an invalid interval.
    init(_ argument: String) throws(SlashCommand.Invalid) {
        let argument = String(argument.trimmingSpaces)
        switch argument {
        case "": self = .list
        case "stop": self = .stop
        default:
            do throws(InvalidValue) {
                self = .start(try RepeatedMessage(argument))
            } catch {
                throw SlashCommand.Invalid(message: "invalid /repeat \"\(argument)\": \(error)")
            }
        }
    }

    /// Changes the repeated messages.
    ///
    /// - Parameters:
    ///   - repeated: the messages.
    ///   - snippets: the snippets that a line can name.
    /// - Returns: the lines to print.
    /// - Throws: `SlashCommand.Invalid` for a line that is no message, or if there are too many.
    func apply(to repeated: RepeatedMessages, _ snippets: Snippets? = nil) throws(SlashCommand.Invalid) -> [String] {
        let count = repeated.messages.count
        switch self {
        case .list:
            guard count > 0 else { return ["no message is repeated; /repeat 5s TEXT repeats one"] }
            return repeated.messages.map { "every \($0.interval) s: \($0.text)" }
        case .stop:
            repeated.removeAll()
            return [count == 0 ? "no message is repeated" : "stopped \(count) repeated message\(count == 1 ? "" : "s")"]
        case .start(let message):
            let text = try Self.text(of: message.text, snippets)
            guard repeated.add(RepeatedMessage(interval: message.interval, text: text)) else {
                throw SlashCommand.Invalid(
                    message: "not repeated: there are \(count) repeated messages; /repeat stop stops them"
                )
            }
            return []
        }
    }

    /// Returns the message that a line sends.
    private static func text(of line: String, _ snippets: Snippets?) throws(SlashCommand.Invalid) -> String {
        if case .message(let text) = LineKind(line) { return text }
        if let text = try snippets?.message(line) { return text }
        let kinds = snippets == nil ? "messages" : "messages and snippets"
        throw SlashCommand.Invalid(message: "/repeat repeats \(kinds), not \"\(line)\"")
    }
}
