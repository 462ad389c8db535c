import CEditLine

/// What the environment tells about the terminal.
enum TerminalKind {
    static var current: Screen.Kind { kind { getenv($0).map { String(cString: $0) } } }

    /// What a terminal can do by the environment that `variable` looks things up in.
    static func kind(_ variable: (String) -> String?) -> Screen.Kind {
        let name = variable("TERM") ?? ""
        if ["", "dumb", "unknown"].contains(name) { return .dumb }
        if variable("TMUX") != nil { return .full(reflows: true) }
        // The ones that cut lines off when they become narrower; nothing can ask a terminal what it does.
        let cuts = variable("XTERM_VERSION") != nil || variable("STY") != nil || name == "linux"
        return .full(reflows: !cuts)
    }
}
