import CEditLine

/// Detects the kind of the terminal from the environment.
enum TerminalKind {
    static var current: Screen.Kind { kind { getenv($0).map { String(cString: $0) } } }

    /// Returns the kind of terminal that environment variables indicate.
    static func kind(_ variable: (String) -> String?) -> Screen.Kind {
        let name = variable("TERM") ?? ""
        if ["", "dumb", "unknown"].contains(name) { return .dumb }
        if variable("TMUX") != nil { return .full(reflows: true) }
        // These terminals truncate lines when they become narrower, which cannot be queried.
        let cuts = variable("XTERM_VERSION") != nil || variable("STY") != nil || name == "linux"
        return .full(reflows: !cuts)
    }
}
