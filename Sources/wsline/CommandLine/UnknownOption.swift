import ArgumentParser

/// Finds unknown options on a command line that could not be parsed.
///
/// ArgumentParser reports an unknown option only if no argument is missing and all arguments are valid.
enum UnknownOption {
    /// Valid arguments for each command.
    private static let arguments = ["connect": ["echo:"], "test": ["-"], "replay": ["-", "echo:"], "serve": ["0"]]

    /// Looks for the first unknown option.
    ///
    /// - Parameter commandLine: the command line in wsline's own spellings.
    /// - Returns: ArgumentParser's error message; nil if all options are known.
    static func message(in commandLine: [String]) -> String? {
        let named = commandLine.first.flatMap { Wsline.commandNames.contains($0) ? $0 : nil }
        let start = [named ?? "connect"] + (arguments[named ?? "connect"] ?? [])
        var isValue = false
        for argument in commandLine.dropFirst(named == nil ? 0 : 1) {
            if argument == "--" { return nil }
            guard !isValue, argument.hasPrefix("-"), argument.count > 1 else {
                isValue = false
                continue
            }
            do {
                _ = try Wsline.parseAsRoot(start + [String(argument.prefix { $0 != "=" })])
            } catch {
                let message = Wsline.message(for: error)
                if message.hasPrefix("Unknown option ") { return message }
                isValue = message.hasPrefix("Missing value for ") && !argument.contains("=")
            }
        }
        return nil
    }
}
