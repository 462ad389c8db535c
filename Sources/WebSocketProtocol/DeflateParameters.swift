/// The parameters of permessage-deflate (RFC 7692, section 7.1).
public struct DeflateParameters: Equatable, Sendable {
    /// Whether the server compresses each message without the context of earlier ones.
    public var serverNoContextTakeover = false
    /// Whether the client compresses each message without the context of earlier ones.
    public var clientNoContextTakeover = false
    /// The base-2 logarithm of the server's LZ77 window size in bytes, 8 to 15.
    public var serverMaxWindowBits = 15
    /// The base-2 logarithm of the client's LZ77 window size in bytes, 8 to 15.
    public var clientMaxWindowBits = 15

    /// The extension's name.
    public static let extensionName = "permessage-deflate"
    /// The offer of a client, which accepts every parameter that the server may choose.
    public static let clientOffer = "permessage-deflate; client_max_window_bits"

    /// Creates the default parameters: windows of 32 KiB, with the context of earlier messages.
    public init() {}

    /// The reason why a server's response to `clientOffer` is invalid; it continues "its Sec-WebSocket-Extensions header…".
    public struct Invalid: Error, Equatable, CustomStringConvertible {
        /// The fault, with the value.
        public let description: String
    }

    /// Parses a server's response to a client's offer.
    ///
    /// - Parameters:
    ///   - values: the values of the `Sec-WebSocket-Extensions` headers.
    ///   - isOffered: whether the request had `clientOffer`.
    /// - Returns: the agreed parameters; nil when the server uses no extension.
    /// - Throws: `Invalid` for an extension that was not offered, or parameters that section 7.1 does not allow in a response.
    public static func agreed(by values: [String], isOffered: Bool) throws(Invalid) -> DeflateParameters? {
        guard !values.isEmpty else { return nil }
        let header: ExtensionHeader
        do throws(ExtensionHeader.Malformed) {
            header = try ExtensionHeader(values)
        } catch {
            throw Invalid(description: "is malformed: \"\(values.joined(separator: ", "))\"")
        }
        for element in header.elements where element.name != extensionName || !isOffered {
            throw Invalid(description: "selects \"\(element.name)\", which was not offered")
        }
        guard header.elements.count == 1 else { throw Invalid(description: "lists \(extensionName) more than once") }
        return try DeflateParameters(header.elements[0], isOffer: false)
    }

    /// Chooses among a client's offers.
    ///
    /// - Parameter values: the values of the request's `Sec-WebSocket-Extensions` headers.
    /// - Returns: the parameters of the first offer that can be met; nil when there is none.
    public static func accepted(from values: [String]) -> DeflateParameters? {
        guard let header = try? ExtensionHeader(values) else { return nil }
        for element in header.elements where element.name == extensionName {
            if let parameters = try? DeflateParameters(element, isOffer: true) { return parameters }
        }
        return nil
    }

    private init(_ element: ExtensionHeader.Element, isOffer: Bool) throws(Invalid) {
        var seen: Set<String> = []
        for (name, value) in element.parameters {
            guard seen.insert(name).inserted else { throw Invalid(description: "has \(name) more than once") }
            switch name {
            case "server_no_context_takeover", "client_no_context_takeover":
                guard value == nil else { throw Invalid(description: "gives \(name) a value, \"\(value ?? "")\"") }
                if name.hasPrefix("server") { serverNoContextTakeover = true } else { clientNoContextTakeover = true }
            case "server_max_window_bits":
                serverMaxWindowBits = try Self.windowBits(name, value)
            case "client_max_window_bits":
                // Only an offer may leave the number to the other side (section 7.1.2.2).
                if isOffer, value == nil { continue }
                clientMaxWindowBits = try Self.windowBits(name, value)
            default:
                throw Invalid(description: "has the unknown parameter \"\(name)\"")
            }
        }
    }

    private static func windowBits(_ name: String, _ value: String?) throws(Invalid) -> Int {
        let allowed = (8...15).map(String.init)
        guard let value, allowed.contains(value), let bits = Int(value) else {
            throw Invalid(description: "has \(name)=\(value ?? ""), which must be from 8 to 15")
        }
        return bits
    }

    /// The value of the `Sec-WebSocket-Extensions` header field of a response.
    public var answer: String {
        var parts = [Self.extensionName]
        if serverNoContextTakeover { parts.append("server_no_context_takeover") }
        if clientNoContextTakeover { parts.append("client_no_context_takeover") }
        if serverMaxWindowBits < 15 { parts.append("server_max_window_bits=\(serverMaxWindowBits)") }
        if clientMaxWindowBits < 15 { parts.append("client_max_window_bits=\(clientMaxWindowBits)") }
        return parts.joined(separator: "; ")
    }

    /// The parameters of the messages in one direction.
    struct Direction: Equatable {
        var windowBits: Int
        var keepsContext: Bool
    }

    /// Returns the parameters of the messages that a side sends.
    func direction(from role: Role) -> Direction {
        switch role {
        case .client: Direction(windowBits: clientMaxWindowBits, keepsContext: !clientNoContextTakeover)
        case .server: Direction(windowBits: serverMaxWindowBits, keepsContext: !serverNoContextTakeover)
        }
    }
}
