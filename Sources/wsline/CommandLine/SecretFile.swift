import MessageText

/// A secret on the command line, or the file that it stands in.
enum SecretFile {
    /// Returns the text; that of a file for `@FILE`, without its last line end.
    ///
    /// - Throws: `Failure` for a file that can't be read, or has more than a line in it.
    static func expand(_ text: String) throws(Failure) -> String {
        guard text.hasPrefix("@") else { return text }
        let path = String(text.dropFirst())
        let content = String(decoding: try MessageFile.read(path), as: UTF8.self)
        let line = content.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard line.dropFirst().allSatisfy(\.isEmpty), let first = line.first,
            first.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw Failure(.noInput, "\"\(path)\" has more than one line in it, or a control character")
        }
        return String(first)
    }
}
