import CPOSIX

/// The number of files and sockets that the process may have open.
enum OpenFiles {
    /// Darwin refuses more than OPEN_MAX, which is this.
    private static let wanted: UInt64 = 10_240

    /// Raises the limit as far as the system allows: the default is too low for a thousand clients.
    static func raiseLimit() { posix_raise_open_file_limit(wanted) }
}
