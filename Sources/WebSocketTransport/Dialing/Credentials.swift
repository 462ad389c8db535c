#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// A name and a password.
public struct Credentials: Sendable, Equatable {
    /// The name.
    public var user: String
    /// The password.
    public var password: String

    /// Puts a name and a password together.
    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// The value of an `Authorization` header with these (RFC 7617).
    public var basicAuthorization: String {
        "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }
}

/// Headers whose values let their reader in somewhere: they are not shown, and not sent on to another server.
public enum SecretHeader {
    /// Tells by the name of a header, in any case of letters.
    public static func contains(_ name: String) -> Bool {
        let name = name.lowercased()
        if name.hasPrefix("sec-websocket-") { return false }
        return ["auth", "cookie", "token", "secret", "password", "key"].contains { name.contains($0) }
    }
}
