#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A file whose content is a message.
enum MessageFile {
    /// No message is longer; it would have to be in memory twice.
    private static let limit = 1 << 30

    /// Reads a whole file.
    ///
    /// - Throws: `Failure` that names the file.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        func failure() -> Failure {
            Failure(.noInput, "cannot read \"\(path)\": \(SystemCallError.words(of: errno))")
        }
        let descriptor = open(FilePath.expand(path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure() }
        guard status.st_size <= limit else {
            throw Failure(.noInput, "\"\(path)\" has \(status.st_size) bytes, and a message at most \(limit)")
        }
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
        throw Failure(.noInput, "\"\(path)\" has more than \(limit) bytes, the most that a message may have")
    }
}
