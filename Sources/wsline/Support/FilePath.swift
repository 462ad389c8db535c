/// File names as users of a shell type them.
enum FilePath {
    /// Expands a leading tilde to the home folder, and removes quotes around the whole name.
    static func expand(_ path: String) -> String {
        if let quote = path.first, quote == path.last, path.count > 2, quote == "\"" || quote == "'" {
            return String(path.dropFirst().dropLast())
        }
        guard path == "~" || path.hasPrefix("~/"), let home = StandardStreams.variable("HOME") else { return path }
        return home + path.dropFirst()
    }
}
