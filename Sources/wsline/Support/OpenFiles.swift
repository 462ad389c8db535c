import CPOSIX

/// The limit of open files and sockets of the process.
enum OpenFiles {
    /// OPEN_MAX of Darwin, which rejects anything higher.
    private static let wanted: UInt64 = 10_240

    /// Raises the limit as far as the system allows, because the default is too low for a thousand clients.
    static func raiseLimit() { posix_raise_open_file_limit(wanted) }
}
