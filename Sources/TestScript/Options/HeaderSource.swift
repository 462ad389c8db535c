package import MessageText
import WebSocketProtocol

/// A header field as written by the user: `Name: value`. An empty value removes the header.
package struct HeaderField: Equatable, Sendable {
    package let name: String
    package let value: String

    /// Parses a header field.
    ///
    /// - Throws: `InvalidValue` for an invalid header field (RFC 9110, section 5).
    package init(_ argument: String) throws(InvalidValue) {
        guard let colon = argument.firstIndex(of: ":") else {
            throw InvalidValue("must be NAME:VALUE, or NAME: to leave the header out")
        }
        name = String(argument[..<colon])
        value = String(argument[argument.index(after: colon)...].trimmingSpaces)
        guard !name.isEmpty, name.utf8.allSatisfy(Token.contains) else {
            // Do not repeat the name: it may be a secret value that contains a colon.
            throw InvalidValue("a header name must consist of letters, digits and !#$%&'*+-.^_`|~")
        }
        try Self.check(value: value)
    }

    /// Rejects a value with control characters; a line break would start another header.
    package static func check(value: String) throws(InvalidValue) {
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw InvalidValue("a header value must not contain control characters")
        }
    }
}

/// A header field, or the name of a file of header fields.
package enum HeaderSource: Sendable {
    case header(HeaderField)
    case file(String)

    /// Parses a header field, or `@FILE`.
    ///
    /// - Throws: `InvalidValue` for an invalid header field.
    package init(_ argument: String) throws(InvalidValue) {
        self = argument.hasPrefix("@") ? .file(String(argument.dropFirst())) : .header(try HeaderField(argument))
    }

    /// Returns the header fields.
    ///
    /// - Parameter folder: the folder that the file name is relative to; empty for the current folder.
    /// - Returns: the header field, or those of the file.
    /// - Throws: `FileError` for a file that cannot be read or contains an invalid line.
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
                    throw FileError("line \(number + 1) of \"\(path)\" is not a header: \(error)")
                }
            }
            return headers
        }
    }
}
