import ArgumentParser

/// When to use colors.
enum ColorMode: String, CaseIterable, ExpressibleByArgument {
    case auto, always, never

    /// Resolves the mode for an output.
    ///
    /// - Parameters:
    ///   - outputIsTerminal: whether the output is a terminal.
    ///   - variable: returns the value of an environment variable.
    /// - Returns: whether to use colors.
    func isOn(outputIsTerminal: Bool, variable: (String) -> String? = StandardStreams.variable) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto:
            outputIsTerminal && (variable("NO_COLOR") ?? "").isEmpty && !["", "dumb"].contains(variable("TERM") ?? "")
        }
    }
}
