import CEditLine

extension Terminal {
    /// Restores the default action of signals that end the process, except that an open terminal is restored first.
    package static func makeFatal(_ signals: [Int32]) {
        for signal in signals { _ = terminal_make_fatal(signal) }
    }

    /// Ends the process by a signal, after restoring an open terminal.
    package static func die(by signal: Int32) {
        terminal_die(signal)
    }
}
