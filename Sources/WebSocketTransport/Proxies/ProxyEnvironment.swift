extension Proxy {
    /// Finds the proxy for a server in the environment, by curl's rules: `http_proxy` for `ws`, `https_proxy` for `wss`,
    /// otherwise `all_proxy`, each in uppercase too, unless `no_proxy` matches the server.
    ///
    /// `HTTP_PROXY` in uppercase is ignored in CGI programs, where it is the value of a client's `Proxy` header field.
    ///
    /// - Parameters:
    ///   - url: the server.
    ///   - variable: returns the value of an environment variable.
    /// - Returns: the proxy; nil to connect directly.
    /// - Throws: `WebSocketURL.Invalid`, which names the variable.
    public static func ofEnvironment(
        for url: WebSocketURL,
        _ variable: (String) -> String?
    ) throws(WebSocketURL.Invalid) -> Proxy? {
        guard url.unixSocket == nil else { return nil }
        let exceptions = variable("no_proxy") ?? variable("NO_PROXY") ?? ""
        if exempts(url.host, exceptions) { return nil }
        var names = url.isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        if !url.isSecure, variable("REQUEST_METHOD") == nil { names.append("HTTP_PROXY") }
        for name in names + ["all_proxy", "ALL_PROXY"] {
            guard let text = variable(name), !text.isEmpty else { continue }
            do {
                return try Proxy(text)
            } catch {
                throw .init("invalid proxy in the environment variable \(name): \(error)")
            }
        }
        return nil
    }

    /// Returns whether a list such as "localhost, .example.com, 10.0.0.0/8" or "*" matches a host.
    static func exempts(_ host: String, _ list: String) -> Bool {
        let host = host.lowercased()
        for entry in list.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" }) {
            var entry = entry.lowercased()
            if entry == "*" { return true }
            if entry.hasPrefix("["), entry.hasSuffix("]") { entry = String(entry.dropFirst().dropLast()) }
            if let address = IPAddress(host)?.bytes {
                if isIn(address, entry) { return true }
                continue
            }
            // With or without a leading dot, a domain matches itself and its subdomains.
            let domain = entry.drop { $0 == "." }.reversed().drop { $0 == "." }.reversed()
            let name = host.hasSuffix(".") ? String(host.dropLast()) : host
            if !domain.isEmpty, name == String(domain) || name.hasSuffix("." + String(domain)) { return true }
        }
        return false
    }

    /// Returns whether an entry is this address, or a network such as 10.0.0.0/8 that contains it.
    private static func isIn(_ address: [UInt8], _ entry: String) -> Bool {
        let parts = entry.split(separator: "/", maxSplits: 1)
        guard let network = parts.first.flatMap({ IPAddress(String($0))?.bytes }), network.count == address.count else {
            return false
        }
        guard parts.count == 2 else { return network == address }
        guard let bits = Int(parts[1]), 0...(network.count * 8) ~= bits else { return false }
        return zip(network, address).enumerated().allSatisfy { index, pair in
            let kept = min(max(bits - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> kept)
            return pair.0 & mask == pair.1 & mask
        }
    }
}
