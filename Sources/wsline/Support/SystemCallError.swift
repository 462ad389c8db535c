import CPOSIX
import SystemPackage

/// A failed system call, and its purpose.
struct SystemCallError: Error, CustomStringConvertible {
    /// The purpose, such as "writing to standard output".
    let action: String
    /// The system's error number.
    let error: Errno

    init(action: String, error: Errno) {
        self.action = action
        self.error = error
    }

    /// Creates an error from one thrown by the System module.
    init(action: String, _ error: any Error) {
        self.init(action: action, error: error as? Errno ?? .ioError)
    }

    /// Returns the error of the system call that has just failed.
    static func last(_ action: String) -> SystemCallError {
        SystemCallError(action: action, error: Errno(rawValue: posix_errno()))
    }

    /// Whether the reader of a pipe has closed its end.
    var isBrokenPipe: Bool { error == .brokenPipe }

    var description: String { "\(action) failed: \(Self.words(of: error))" }

    /// Returns the system's message for an error, in lowercase.
    static func words(of error: Errno) -> String { error.description.lowercased() }

    /// Returns the system's message for an error number, in lowercase.
    static func words(of number: Int32) -> String { words(of: Errno(rawValue: number)) }
}
