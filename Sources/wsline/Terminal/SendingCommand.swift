import MessageText
import TestScript

/// A command that sends messages again, repeatedly or by name.
enum SendingCommand: Equatable {
    case again
    /// Sends a line now and at an interval.
    case startRepeating(Seconds, String)
    case listRepeated
    case stopRepeating
    case lines(file: String)
    case listSnippets
    case addSnippet(String, text: String)

    /// Parses the arguments of a command; returns nil for any other command.
    ///
    /// - Throws: `SlashCommand.Invalid` for an invalid argument.
    init?(_ name: CommandName, _ argument: String) throws(SlashCommand.Invalid) {
        switch name {
        case .again:
            try SlashCommand.nothing(argument, name)
            self = .again
        case .repeat: self = try Self.repeating(String(argument.trimmingSpaces))
        case .send:
            let parts = argument.split(separator: " ", maxSplits: 1)
            guard parts.first == "-l" else { return nil }
            self = .lines(file: try SlashCommand.required(parts.count > 1 ? String(parts[1]) : "", name))
        case .snippets:
            try SlashCommand.nothing(argument, name)
            self = .listSnippets
        case .snippet:
            let parts = try SlashCommand.required(argument, name).split(separator: " ", maxSplits: 1)
            guard parts.count > 1 else {
                throw SlashCommand.Invalid(message: "/snippet requires a text: /snippet\(name.arguments)")
            }
            self = .addSnippet(String(parts[0]), text: String(parts[1].drop { $0 == " " }))
        default: return nil
        }
    }

    private static func repeating(_ argument: String) throws(SlashCommand.Invalid) -> SendingCommand {
        switch argument {
        case "": return .listRepeated
        case "stop": return .stopRepeating
        default:
            do throws(InvalidValue) {
                let message = try RepeatedMessage(argument)
                return .startRepeating(message.interval, message.text)
            } catch {
                throw SlashCommand.Invalid(message: "invalid /repeat \"\(argument)\": \(error)")
            }
        }
    }
}
