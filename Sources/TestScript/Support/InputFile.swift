import CPOSIX
import MessageText
import SystemPackage

/// The error for a file that cannot be read or has invalid content.
package struct FileError: Error, Equatable {
    /// One line: the file name and the reason.
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// Reads whole files.
package enum InputFile {
    /// The maximum size of a message, in bytes; sending may need twice as much memory.
    package static let messageLimit = 1 << 30

    /// The name of standard input.
    package static let standardInput = "/dev/stdin"

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: the file name, or `standardInput`; a leading tilde is replaced by the home directory.
    ///   - limit: the maximum size, in bytes.
    ///   - kind: the kind of content, for the error.
    /// - Returns: its content.
    /// - Throws: `FileError` that names the file.
    package static func read(
        _ path: String,
        limit: Int = messageLimit,
        of kind: String = "a message"
    ) throws(FileError) -> [UInt8] {
        // The user may have given a URL instead of a file name.
        let name = path == standardInput ? "standard input" : "\"\(Redaction.withoutSecrets(path))\""
        let tooLarge = FileError("\(name) is too large for \(kind): the limit is \(limit >> 20) MiB")
        do {
            // Opening the name of standard input again fails for a socket, and for a pipe of another user.
            if path == standardInput { return try content(of: .standardInput, limit) ?? { throw tooLarge }() }
            let file = try FileDescriptor.open(UserPath.expand(path), .readOnly, options: .closeOnExec)
            return try file.closeAfter { try content(of: file, limit) ?? { throw tooLarge }() }
        } catch let error as FileError {
            throw error
        } catch {
            throw FileError("cannot read \(name): \(systemError(error as? Errno ?? .ioError))")
        }
    }

    /// Reads an open file; returns nil if it is larger than the limit.
    private static func content(of file: FileDescriptor, _ limit: Int) throws -> [UInt8]? {
        let size = try file.stat().size
        guard size <= limit else { return nil }
        var content: [UInt8] = []
        content.reserveCapacity(Int(size) + 1)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while content.count <= limit {
            let count: Int
            do {
                count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            } catch Errno.resourceTemporarilyUnavailable {
                // Another process that shares the descriptor made it non-blocking.
                var waiting = pollfd(fd: file.rawValue, events: Int16(POLLIN), revents: 0)
                _ = poll(&waiting, 1, -1)
                continue
            }
            if count == 0 { return content }
            content += buffer[..<count]
        }
        return nil
    }

    /// Returns the system's message for an error, in lowercase.
    static func systemError(_ error: Errno) -> String { error.description.lowercased() }
}
