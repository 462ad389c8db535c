import MessageText

/// The names of a set of typed commands, and their help.
protocol NamedCommand: RawRepresentable<String>, CaseIterable, Sendable {
    /// The arguments, as shown after the name.
    var arguments: String { get }
    /// A one-line description.
    var summary: String { get }
    /// Further lines of help.
    var details: [String] { get }
    /// Lines shown below the list of all commands.
    static var otherHelp: [String] { get }
}

extension NamedCommand {
    /// Finds a command by name.
    ///
    /// - Throws: `SlashCommand.Invalid` that suggests similar names.
    init(typed text: String) throws(SlashCommand.Invalid) {
        let text = text.hasPrefix("/") ? String(text.dropFirst()) : text
        if let name = Self(rawValue: text) {
            self = name
            return
        }
        let near = nearNames(to: text, of: Self.allCases.map(\.rawValue))
        let known =
            near.isEmpty ? "/help lists the commands" : "near it: " + near.map { "/" + $0 }.joined(separator: ", ")
        throw SlashCommand.Invalid(message: "there is no command /\(text); \(known)")
    }

    /// Returns the help for one command, or for all.
    static func help(_ name: Self?) -> [String] {
        if let name {
            return ["/\(name.rawValue)\(name.arguments)", "  \(name.summary)"] + name.details.map { "  \($0)" }
        }
        let width = 2 + (allCases.map { $0.rawValue.count + $0.arguments.count }.max() ?? 0)
        func row(_ usage: String, _ summary: String) -> String {
            usage + String(repeating: " ", count: width + 1 - usage.count) + summary
        }
        return allCases.map { row("/\($0.rawValue)\($0.arguments)", $0.summary) } + [
            row("//text", "send a message that begins with a slash")
        ] + otherHelp
    }
}
