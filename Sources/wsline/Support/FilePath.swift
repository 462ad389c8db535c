/// Names of files as a shell's user types them.
enum FilePath {
    /// Puts the home folder in the place of a tilde, and takes away quotes round the whole.
    static func expand(_ path: String) -> String {
        if let quote = path.first, quote == path.last, path.count > 2, quote == "\"" || quote == "'" {
            return String(path.dropFirst().dropLast())
        }
        guard path == "~" || path.hasPrefix("~/"), let home = StandardStreams.variable("HOME") else { return path }
        return home + path.dropFirst()
    }
}
