/// An error that explains why a terminal could not be opened.
package enum TerminalError: Error, Equatable, Sendable {
    /// The descriptor is not a terminal.
    case notATerminal(descriptor: Int32)
    /// Another `Terminal` of this process is still open; there can be only one.
    case inUse
    /// A system call failed with this `errno`, for example because no descriptor or pseudo-terminal is available.
    case system(call: String, errno: Int32)
}
