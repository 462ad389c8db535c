import WebSocketTransport

/// The user names and passwords in a `.netrc` file, parsed as curl does.
struct Netrc {
    private var entries: [(machine: String?, credentials: Credentials)] = []

    /// Reads the file named by `$NETRC`, or `~/.netrc`.
    ///
    /// - Throws: `FileError` if it cannot be read.
    static func ofUser() throws(FileError) -> Netrc {
        let path = Environment.nonEmpty("NETRC") ?? (Environment.variable("HOME") ?? "") + "/.netrc"
        return Netrc(String(decoding: try InputFile.read(path), as: UTF8.self))
    }

    /// Parses the content of a file.
    init(_ text: String) {
        var words = Self.words(of: text)[...]
        var machine: String??
        var user = ""
        var password = ""
        func entry() -> (machine: String?, credentials: Credentials)? {
            machine.map { ($0, Credentials(user: user, password: password)) }
        }
        while let word = words.popFirst() {
            switch word {
            case "machine", "default":
                if let entry = entry() { entries.append(entry) }
                machine = word == "default" ? .some(nil) : words.popFirst().map { .some($0) } ?? nil
                (user, password) = ("", "")
            case "login": user = words.popFirst() ?? ""
            case "password": password = words.popFirst() ?? ""
            case "account": _ = words.popFirst()
            default: break
            }
        }
        if let entry = entry() { entries.append(entry) }
    }

    /// Returns the credentials for a host, from the first matching or default entry.
    func credentials(for host: String) -> Credentials? {
        entries.first { $0.machine == nil || $0.machine?.lowercased() == host.lowercased() }?.credentials
    }

    /// Splits the text into words, respecting quotes and skipping comments and macros.
    private static func words(of text: String) -> [String] {
        var words: [String] = []
        var isInMacro = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if isInMacro {
                isInMacro = !line.allSatisfy(\.isWhitespace)
                continue
            }
            var rest = line.drop(while: \.isWhitespace)
            while let first = rest.first, first != "#" {
                var word = ""
                if first == "\"" {
                    rest = rest.dropFirst()
                    while let character = rest.popFirst(), character != "\"" {
                        word.append(character == "\\" ? rest.popFirst() ?? character : character)
                    }
                } else {
                    word = String(rest.prefix { !$0.isWhitespace })
                    rest = rest.dropFirst(word.count)
                }
                if word == "macdef" {
                    isInMacro = true
                    break
                }
                words.append(word)
                rest = rest.drop(while: \.isWhitespace)
            }
        }
        return words
    }
}
