/// Why a terminal could not be opened.
package enum TerminalError: Error, Equatable, Sendable {
    /// The descriptor is not a terminal.
    case notATerminal(descriptor: Int32)
    /// Another `Terminal` of this process has not been shut down yet; there can be one at a time.
    case inUse
    /// A system call failed with this `errno`: no descriptor left, or no pseudo-terminals on this machine.
    case system(call: String, errno: Int32)
}
