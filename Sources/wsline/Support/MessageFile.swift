import SystemPackage

/// A file whose content is a message.
enum MessageFile {
    /// The largest size of a message; while it is sent, it is in memory twice.
    private static let limit = 1 << 30

    /// Reads a whole file.
    ///
    /// - Throws: `Failure` that names the file.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(FilePath.expand(path), .readOnly, options: .closeOnExec)
            return try file.closeAfter { try read(file, path) }
        } catch let failure as Failure {
            throw failure
        } catch {
            let words = SystemCallError.words(of: error as? Errno ?? .ioError)
            throw Failure(.noInput, "cannot read \"\(path)\": \(words)")
        }
    }

    private static func read(_ file: FileDescriptor, _ path: String) throws -> [UInt8] {
        let size = try file.stat().size
        guard size <= limit else {
            throw Failure(.noInput, "\"\(path)\" is \(size) bytes; a message can be at most \(limit)")
        }
        var content: [UInt8] = []
        content.reserveCapacity(Int(size) + 1)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while content.count <= limit {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { return content }
            content += buffer[..<count]
        }
        throw Failure(.noInput, "\"\(path)\" is more than \(limit) bytes, the limit of a message")
    }
}
