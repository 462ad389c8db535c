import MessageText
import SystemPackage

/// A file that cannot be read, or whose content is not what it has to be.
package struct FileError: Error, Equatable {
    /// One line: the file, and what is wrong with it.
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// Files that are read whole.
package enum InputFile {
    /// The size limit of a message: it has to fit into memory twice.
    package static let messageLimit = 1 << 30

    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - path: the file; a leading tilde stands for the home folder.
    ///   - limit: the most bytes that it may have.
    ///   - kind: what the file holds, for the error.
    /// - Returns: its content.
    /// - Throws: `FileError` that names the file.
    package static func read(
        _ path: String,
        limit: Int = messageLimit,
        of kind: String = "a message"
    ) throws(FileError) -> [UInt8] {
        let tooLarge = FileError("\"\(path)\" is too large for \(kind): the limit is \(limit >> 20) MiB")
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
            // A URL may have been given in the place of a file.
            let name = Redaction.withoutSecrets(path)
            throw FileError("cannot read \"\(name)\": \(systemError(error as? Errno ?? .ioError))")
        }
    }

    /// Returns the system's words for an error.
    static func systemError(_ error: Errno) -> String { error.description.lowercased() }
}
