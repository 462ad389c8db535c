import NIOHTTP1

#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// The redirects of servers (RFC 9110, section 15.4).
enum Redirect {
    /// Finds the target of a redirect.
    ///
    /// - Parameters:
    ///   - response: the server's response.
    ///   - url: the requested URL.
    /// - Returns: the target; nil when the response is not a redirect.
    /// - Throws: `ConnectError.badRedirect` for a target that is not a WebSocket URL.
    static func target(of response: HTTPResponseHead, from url: WebSocketURL) throws(ConnectError) -> WebSocketURL? {
        guard [301, 302, 303, 307, 308].contains(response.status.code),
            let location = response.headers["location"].first
        else { return nil }
        if let path = url.unixSocket {
            guard location.hasPrefix("/"), !location.hasPrefix("//") else {
                throw .badRedirect(
                    url: url,
                    location: location,
                    reason: "it leads away from the Unix-domain socket \"\(path)\""
                )
            }
            var next = url
            next.target = location
            return next
        }
        let base = "\(url.isSecure ? "https" : "http")://\(url.authority)\(url.target)"
        guard let resolved = URL(string: location, relativeTo: URL(string: base))?.absoluteString else {
            throw .badRedirect(url: url, location: location, reason: "it is not a valid URL")
        }
        let target: WebSocketURL
        do {
            // A fragment is not sent to servers.
            target = try WebSocketURL(String(resolved.prefix { $0 != "#" }))
        } catch {
            throw .badRedirect(url: url, location: location, reason: "\(error)")
        }
        // What listens there trusts those who can reach the socket, and a remote server can't.
        guard target.unixSocket == nil else {
            throw .badRedirect(url: url, location: location, reason: "it leads to a Unix-domain socket on this machine")
        }
        return target
    }
}
