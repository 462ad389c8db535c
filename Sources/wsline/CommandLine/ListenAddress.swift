import MessageText

/// The address to listen on: `PORT`, or `HOST:PORT` with IPv6 addresses in brackets.
struct ListenAddress: Equatable {
    /// An address of this machine or a name for one; 127.0.0.1 by default.
    let host: String
    /// 1 to 65535, or 0 for a port chosen by the system.
    let port: Int

    /// Parses an address.
    ///
    /// - Throws: `InvalidValue` for an invalid address.
    init(_ argument: String) throws(InvalidValue) {
        guard !argument.contains("://"), argument != "echo:" else {
            throw InvalidValue("it is a URL, to connect to; serve, which -l is, listens at a port such as 8080")
        }
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard let last = parts.last, !last.isEmpty, last.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            throw InvalidValue("it ends with a port, such as 8080 or localhost:8080, or 0 for any that is free")
        }
        guard let port = Int(last), port <= 65535 else { throw InvalidValue("ports end at 65535") }
        self.port = port
        let host = parts.dropLast().joined(separator: ":")
        if parts.count == 1 {
            self.host = "127.0.0.1"
        } else if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
            self.host = String(host.dropFirst().dropLast())
        } else if host.isEmpty {
            throw InvalidValue("there is no host before the colon; a port alone listens on 127.0.0.1")
        } else if !host.contains(":") {
            self.host = host
        } else {
            throw InvalidValue("an IPv6 address stands in brackets, such as [::1]:8080")
        }
    }

    /// Returns the authority component of a URL for this address.
    ///
    /// - Parameter port: the actual port of the listener.
    /// - Returns: such as "127.0.0.1:8080".
    func authority(port: Int) -> String {
        "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
