import WebSocketTransport

/// The names and passwords in a `.netrc` file, as curl reads it.
struct Netrc {
    private var entries: [(machine: String?, credentials: Credentials)] = []

    /// Reads the file that `NETRC` names, or `~/.netrc`.
    ///
    /// - Throws: `FileError` when it cannot be read.
    static func ofUser() throws(FileError) -> Netrc {
        let path = Environment.nonEmpty("NETRC") ?? (Environment.variable("HOME") ?? "") + "/.netrc"
        return Netrc(String(decoding: try InputFile.read(path), as: UTF8.self))
    }

    /// Reads the text of a file.
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

    /// Returns the credentials for a host: the first entry for it, or for all others.
    func credentials(for host: String) -> Credentials? {
        entries.first { $0.machine == nil || $0.machine?.lowercased() == host.lowercased() }?.credentials
    }

    /// Cuts the text into words; quotes keep spaces, a word that begins with # begins a comment, and macros are left out.
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
