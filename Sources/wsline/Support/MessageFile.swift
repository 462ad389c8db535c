import TestScript

/// A file that contains a message.
enum MessageFile {
    /// Reads a whole file.
    ///
    /// - Throws: `Failure` that names the file.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        do throws(FileError) {
            return try InputFile.read(path)
        } catch {
            throw Failure(.noInput, error.message)
        }
    }
}
