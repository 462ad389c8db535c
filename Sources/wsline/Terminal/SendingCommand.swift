import MessageText

/// A command that sends messages other than the typed line.
enum SendingCommand: Equatable {
    /// Sends the last message again.
    case again
    case bytes([UInt8])
    /// Sends a file as one message.
    case file(String, asBinary: Bool)
    case lines(file: String)

    /// Parses the arguments of a command; returns nil for any other command.
    ///
    /// - Throws: `SlashCommand.Invalid` for an invalid argument.
    init?(_ name: CommandName, _ argument: String) throws(SlashCommand.Invalid) {
        switch name {
        case .again:
            try SlashCommand.nothing(argument, name)
            self = .again
        case .send:
            let parts = argument.split(separator: " ", maxSplits: 1)
            if parts.first == "-l" {
                self = .lines(file: try SlashCommand.required(parts.count > 1 ? String(parts[1]) : "", name))
            } else {
                self = .file(try SlashCommand.required(argument, name), asBinary: false)
            }
        case .binary:
            let argument = try SlashCommand.required(argument, name)
            if argument.hasPrefix("@") {
                self = .file(String(argument.dropFirst()), asBinary: true)
            } else {
                do throws(InvalidValue) {
                    self = .bytes(try HexDigits.bytes(argument))
                } catch {
                    throw SlashCommand.Invalid(message: "not sent: \(error); write /binary 00ff10 or /binary @FILE")
                }
            }
        default: return nil
        }
    }
}
