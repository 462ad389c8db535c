import CEditLine

/// The kind of the terminal, according to the environment.
enum TerminalKind {
    static var current: Screen.Kind { kind { getenv($0).map { String(cString: $0) } } }

    /// Returns the kind of a terminal with these environment variables.
    static func kind(_ variable: (String) -> String?) -> Screen.Kind {
        let name = variable("TERM") ?? ""
        if ["", "dumb", "unknown"].contains(name) { return .dumb }
        if variable("TMUX") != nil { return .full(reflows: true) }
        // Terminals that truncate lines when they become narrower. No query can find that out.
        let cuts = variable("XTERM_VERSION") != nil || variable("STY") != nil || name == "linux"
        return .full(reflows: !cuts)
    }
}
