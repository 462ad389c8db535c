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

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: the file name; a leading tilde is replaced by the home directory.
    ///   - limit: the maximum size, in bytes.
    ///   - kind: the kind of content, for the error.
    /// - Returns: its content.
    /// - Throws: `FileError` that names the file.
    package static func read(
        _ path: String,
        limit: Int = messageLimit,
        of kind: String = "a message"
    ) throws(FileError) -> [UInt8] {
        let tooLarge = FileError("\"\(path)\" is too large for \(kind): more than \(limit >> 20) MiB")
        do {
            let file = try FileDescriptor.open(UserPath.expand(path), .readOnly, options: .closeOnExec)
            return try file.closeAfter {
                let size = try file.stat().size
                guard size <= limit else { throw tooLarge }
                var content: [UInt8] = []
                content.reserveCapacity(Int(size) + 1)
                var buffer = [UInt8](repeating: 0, count: 256 << 10)
                while content.count <= limit {
                    let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                    if count == 0 { return content }
                    content += buffer[..<count]
                }
                throw tooLarge
            }
        } catch let error as FileError {
            throw error
        } catch {
            // The user may have given a URL instead of a file name.
            let name = Redaction.withoutSecrets(path)
            throw FileError("cannot read \"\(name)\": \(systemError(error as? Errno ?? .ioError))")
        }
    }

    /// Returns the system's message for an error, in lowercase.
    static func systemError(_ error: Errno) -> String { error.description.lowercased() }
}
