/// A secret given directly or as the name of a file.
enum SecretFile {
    /// Returns the text; for `@FILE`, the content of the file without the final line break.
    ///
    /// - Throws: `FileError` for a file that cannot be read, has more than one line or contains a control character.
    static func expand(_ text: String, in folder: String) throws(FileError) -> String {
        guard text.hasPrefix("@") else { return text }
        let path = UserPath.resolve(String(text.dropFirst()), in: folder)
        let content = String(decoding: try InputFile.read(path), as: UTF8.self)
        let line = content.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard line.dropFirst().allSatisfy(\.isEmpty), let first = line.first,
            first.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw FileError("\"\(path)\" has more than one line, or a control character") }
        return String(first)
    }
}
