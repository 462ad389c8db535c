import NIOCore
import SystemPackage

/// Returns a description of a transport error: the system's message for its error number, without NIO's additions.
public func describe(_ error: any Error) -> String {
    guard let error = error as? IOError else { return String(describing: error) }
    return Errno(rawValue: error.errnoCode).description.lowercased()
}
