import ArgumentParser

/// When there is colour.
enum ColorMode: String, CaseIterable, ExpressibleByArgument {
    case auto, always, never

    /// Decides it.
    ///
    /// - Parameters:
    ///   - outputIsTerminal: whether somebody reads the output as it is.
    ///   - variable: looks a variable of the environment up.
    /// - Returns: whether there is.
    func isOn(outputIsTerminal: Bool, variable: (String) -> String? = StandardStreams.variable) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto:
            outputIsTerminal && (variable("NO_COLOR") ?? "").isEmpty && !["", "dumb"].contains(variable("TERM") ?? "")
        }
    }
}
