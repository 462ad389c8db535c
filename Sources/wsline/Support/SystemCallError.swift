#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A system call that failed.
struct SystemCallError: Error, CustomStringConvertible {
    /// What was being done, such as "writing to standard output".
    let action: String
    /// The system's error number.
    let number: Int32

    /// The error that the system call which has just failed left behind.
    static func last(_ action: String) -> SystemCallError {
        SystemCallError(action: action, number: errno)
    }

    /// Whether whoever was written to has closed its end.
    var isBrokenPipe: Bool { number == EPIPE }

    var description: String { "\(action) failed: \(Self.words(of: number))" }

    /// What an error number means.
    static func words(of number: Int32) -> String { String(cString: strerror(number)).lowercased() }
}
