/// Expands file names as a shell does.
package enum UserPath {
    /// Replaces a leading tilde by the home directory, and removes quotes around the whole name.
    package static func expand(_ path: String) -> String {
        if let quote = path.first, quote == path.last, path.count > 2, quote == "\"" || quote == "'" {
            return String(path.dropFirst().dropLast())
        }
        guard path == "~" || path.hasPrefix("~/"), let home = Environment.variable("HOME") else { return path }
        return home + path.dropFirst()
    }

    /// Returns the path of a file relative to a folder.
    ///
    /// - Parameters:
    ///   - name: the file name given by the user.
    ///   - folder: the folder; empty for the current folder.
    /// - Returns: the path.
    package static func resolve(_ name: String, in folder: String) -> String {
        let name = expand(name)
        return name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
    }
}
