import MessageText

/// A reader for variables files (`--env-file`) with one `NAME=value` per line.
package enum VariablesFile {
    private static let sizeLimit = 1 << 20

    /// Reads a variables file.
    ///
    /// Empty lines and lines that begin with `#` are skipped. `export` before a name and quotes around a value are
    /// removed, so that shell files can be used.
    ///
    /// - Parameter path: the file.
    /// - Returns: the values by variable name.
    /// - Throws: `FileError` if the file cannot be read; `InvalidValue`, which never quotes a value, if it is invalid.
    package static func read(_ path: String) throws -> [String: String] {
        let bytes = try InputFile.read(path, limit: sizeLimit, of: "a file of variables")
        do throws(InvalidValue) {
            return try parse(bytes)
        } catch {
            throw InvalidValue("invalid file of variables \"\(path)\": \(error)")
        }
    }

    static func parse(_ bytes: [UInt8]) throws(InvalidValue) -> [String: String] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw InvalidValue("it is not UTF-8") }
        var values: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = Substring(line.trimmingSpaces)
            guard !line.isEmpty, line.first != "#" else { continue }
            let assignment = line.hasPrefix("export ") ? line.dropFirst("export ".count).trimmingSpaces : line
            guard let equals = assignment.firstIndex(of: "="), Template.isName(assignment[..<equals]) else {
                throw InvalidValue("line \(index + 1): expected NAME=value, with a name of letters, digits and _")
            }
            values[String(assignment[..<equals])] = unquoted(assignment[assignment.index(after: equals)...])
        }
        return values
    }

    private static func unquoted(_ value: Substring) -> String {
        guard value.count > 1, let quote = value.first, quote == "\"" || quote == "'", value.last == quote else {
            return String(value)
        }
        return String(value.dropFirst().dropLast())
    }
}
