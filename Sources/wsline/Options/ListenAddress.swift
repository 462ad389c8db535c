import ArgumentParser

/// Where to listen: "PORT", or "HOST:PORT" with IPv6 addresses in brackets.
struct ListenAddress: ExpressibleByArgument, Equatable {
    /// An address of this machine, or a name for one; 127.0.0.1 unless given.
    let host: String
    /// 1 to 65535, or 0 for one that the system picks.
    let port: Int

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        guard let last = parts.last, !last.isEmpty, last.allSatisfy({ $0.isASCII && $0.isNumber }),
            let port = Int(last), port <= 65535
        else { return nil }
        self.port = port
        let host = parts.dropLast().joined(separator: ":")
        if parts.count == 1 {
            self.host = "127.0.0.1"
        } else if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
            self.host = String(host.dropFirst().dropLast())
        } else if !host.isEmpty, !host.contains(":") {
            self.host = host
        } else {
            return nil
        }
    }

    /// Puts together the authority of a URL for this host.
    ///
    /// - Parameter port: the port that is listened on.
    /// - Returns: such as "127.0.0.1:8080".
    func authority(port: Int) -> String {
        "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
