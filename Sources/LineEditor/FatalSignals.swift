import CEditLine

extension Terminal {
    /// Gives signals their default action of ending the process, after restoring an open terminal.
    package static func makeFatal(_ signals: [Int32]) {
        for signal in signals { _ = terminal_make_fatal(signal) }
    }

    /// Ends the process with a signal, after restoring an open terminal.
    package static func die(by signal: Int32) {
        terminal_die(signal)
    }
}
