import MessageText

/// A secret on the command line, or the file that it stands in.
enum SecretFile {
    /// Returns the text; that of a file for `@FILE`, without its last line end.
    ///
    /// - Throws: `Diagnostic` for a file that can't be read, or has more than a line in it.
    static func expand(_ text: String) throws(Diagnostic) -> String {
        guard text.hasPrefix("@") else { return text }
        let path = String(text.dropFirst())
        let content = String(decoding: try MessageFile.read(path), as: UTF8.self)
        let line = content.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard line.dropFirst().allSatisfy(\.isEmpty), let first = line.first,
            first.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw Diagnostic(.noInput, "\"\(path)\" has more than one line in it, or a control character")
        }
        return String(first)
    }
}

/// A header of the command line, or a file of them.
enum HeaderSource: Sendable {
    case header(HeaderField)
    case file(String)

    /// Reads an argument.
    ///
    /// - Throws: `InvalidValue` for what is neither.
    init(_ argument: String) throws(InvalidValue) {
        self = argument.hasPrefix("@") ? .file(String(argument.dropFirst())) : .header(try HeaderField(argument))
    }

    /// Returns the headers.
    ///
    /// - Throws: `Diagnostic` for a file that can't be read, or a line in it that is no header.
    func read() throws(Diagnostic) -> [HeaderField] {
        switch self {
        case .header(let header): return [header]
        case .file(let path):
            var headers: [HeaderField] = []
            let lines = String(decoding: try MessageFile.read(path), as: UTF8.self)
                .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) && line.first != "#" {
                do throws(InvalidValue) {
                    headers.append(try HeaderField(String(line)))
                } catch {
                    throw Diagnostic(.noInput, "line \(number + 1) of \"\(path)\" is no header: \(error)")
                }
            }
            return headers
        }
    }
}
