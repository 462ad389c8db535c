package import MessageText
import WebSocketProtocol

/// A header as a user writes it: `Name: value`; without a value, the header is left out.
package struct HeaderField: Equatable, Sendable {
    package let name: String
    package let value: String

    /// Reads a header.
    ///
    /// - Throws: `InvalidValue` for text that is not a header (RFC 9110, section 5).
    package init(_ argument: String) throws(InvalidValue) {
        guard let colon = argument.firstIndex(of: ":") else {
            throw InvalidValue("must be NAME:VALUE, or NAME: to remove the header")
        }
        name = String(argument[..<colon])
        value = String(argument[argument.index(after: colon)...].trimmingSpaces)
        guard !name.isEmpty, name.utf8.allSatisfy(Token.contains) else {
            // The name is not repeated: it may be a value that contains a colon.
            throw InvalidValue("a header name must consist of letters, digits and !#$%&'*+-.^_`|~")
        }
        try Self.check(value: value)
    }

    /// Rejects values with control characters: a line end would begin another header.
    package static func check(value: String) throws(InvalidValue) {
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw InvalidValue("a header value must not contain control characters")
        }
    }
}

/// A header, or a file of headers.
package enum HeaderSource: Sendable {
    case header(HeaderField)
    case file(String)

    /// Reads a header, or `@FILE`.
    ///
    /// - Throws: `InvalidValue` for what is neither.
    package init(_ argument: String) throws(InvalidValue) {
        self = argument.hasPrefix("@") ? .file(String(argument.dropFirst())) : .header(try HeaderField(argument))
    }

    /// Reads the headers.
    ///
    /// - Parameter folder: the folder that the file is relative to; empty for the current one.
    /// - Returns: one header, or those of the file.
    /// - Throws: `FileError` for a file that cannot be read, or a line in it that is not a header.
    package func read(in folder: String = "") throws(FileError) -> [HeaderField] {
        switch self {
        case .header(let header): return [header]
        case .file(let name):
            let path = UserPath.resolve(name, in: folder)
            var headers: [HeaderField] = []
            let lines = String(decoding: try InputFile.read(path), as: UTF8.self)
                .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) && line.first != "#" {
                do throws(InvalidValue) {
                    headers.append(try HeaderField(String(line)))
                } catch {
                    throw FileError("invalid header in line \(number + 1) of \"\(path)\": \(error)")
                }
            }
            return headers
        }
    }
}
