import CEditLine

extension Terminal {
    /// Gives signals their default action of ending the process, after restoring an open terminal.
    package static func makeFatal(_ signals: [Int32]) {
        for signal in signals { _ = terminal_make_fatal(signal) }
    }

    /// Ends the process with a status, after restoring an open terminal and flushing the standard streams.
    ///
    /// Other threads may still be running. Destructors of static objects, which `exit` calls, would pull their data
    /// away from under them.
    package static func exit(_ status: Int32) -> Never {
        terminal_exit(status)
    }

    /// Ends the process with a signal, after restoring an open terminal.
    package static func die(by signal: Int32) {
        terminal_die(signal)
    }
}
