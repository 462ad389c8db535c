#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

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
        func failure() -> FileError { FileError("cannot read \"\(path)\": \(systemError(errno))") }
        func tooLarge() -> FileError {
            FileError("\"\(path)\" is too large for \(kind): more than \(limit >> 20) MiB")
        }
        let descriptor = open(FilePath.expand(path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure() }
        guard status.st_size <= limit else { throw tooLarge() }
        var content: [UInt8] = []
        content.reserveCapacity(Int(status.st_size) + 1)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while content.count <= limit {
            #if canImport(Darwin)
            let count = Darwin.read(descriptor, &buffer, buffer.count)
            #elseif canImport(Musl)
            let count = Musl.read(descriptor, &buffer, buffer.count)
            #else
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            #endif
            if count > 0 {
                content += buffer[..<count]
            } else if count == 0 {
                return content
            } else if errno != EINTR {
                throw failure()
            }
        }
        throw tooLarge()
    }

    /// Describes an error number of the system.
    static func systemError(_ number: Int32) -> String { String(cString: strerror(number)).lowercased() }
}
