import MessageText

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
    /// - Throws: `Failure` for a file that can't be read, or a line in it that is no header.
    func read() throws(Failure) -> [HeaderField] {
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
                    throw Failure(.noInput, "line \(number + 1) of \"\(path)\" is no header: \(error)")
                }
            }
            return headers
        }
    }
}
