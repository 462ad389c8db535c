#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// A user name and a password.
public struct Credentials: Sendable, Equatable {
    /// The user name.
    public var user: String
    /// The password.
    public var password: String

    /// Creates credentials.
    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// The value of an `Authorization` header for Basic authentication (RFC 7617).
    public var basicAuthorization: String {
        "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }
}
