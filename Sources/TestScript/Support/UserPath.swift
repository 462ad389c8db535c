/// File names as a shell's user types them.
package enum UserPath {
    /// Replaces a leading tilde by the home folder, and removes quotes around the whole name.
    package static func expand(_ path: String) -> String {
        if let quote = path.first, quote == path.last, path.count > 2, quote == "\"" || quote == "'" {
            return String(path.dropFirst().dropLast())
        }
        guard path == "~" || path.hasPrefix("~/"), let home = Environment.variable("HOME") else { return path }
        return home + path.dropFirst()
    }

    /// Finds a file whose name is relative to a folder.
    ///
    /// - Parameters:
    ///   - name: the file, as the user writes it.
    ///   - folder: the folder; empty for the current one.
    /// - Returns: its path.
    package static func resolve(_ name: String, in folder: String) -> String {
        let name = expand(name)
        return name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
    }
}
