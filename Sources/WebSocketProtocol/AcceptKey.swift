#if canImport(Darwin)
import Foundation
#else
import FoundationEssentials
#endif

/// Creates and checks the values of `Sec-WebSocket-Key` and `Sec-WebSocket-Accept` (RFC 6455, sections 4.1 and 4.2.2).
public enum AcceptKey {
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Returns a random value for `Sec-WebSocket-Key`: 16 bytes in base64.
    public static func makeKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }).base64EncodedString()
    }

    /// Whether `key` is a valid `Sec-WebSocket-Key`: 16 bytes in base64.
    public static func isValid(key: String) -> Bool {
        Data(base64Encoded: key)?.count == 16
    }

    /// Returns the `Sec-WebSocket-Accept` value for a `Sec-WebSocket-Key`.
    public static func accept(for key: String) -> String {
        Data(SHA1.digest(of: Array((key + suffix).utf8))).base64EncodedString()
    }
}
