/// The status code of a Close frame (RFC 6455, section 7.4, and its IANA registry).
public struct CloseCode: RawRepresentable, Hashable, Sendable {
    /// The number, as in the first two bytes of a Close frame's payload.
    public let rawValue: UInt16

    /// Creates a code from any number, even one for which `mayBeSent` is false.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 1000: the purpose of the connection is fulfilled.
    public static let normalClosure = CloseCode(rawValue: 1000)
    /// 1001: the server is shutting down, or the user left the page.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// 1002: the peer violated the protocol.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// 1003: the peer sent a type of data that the receiver cannot accept.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// 1005: the Close frame had no code. Never sent.
    public static let noStatusReceived = CloseCode(rawValue: 1005)
    /// 1006: the connection ended without a Close frame. Never sent.
    public static let abnormalClosure = CloseCode(rawValue: 1006)
    /// 1007: a text message was not UTF-8.
    public static let invalidFramePayloadData = CloseCode(rawValue: 1007)
    /// 1008: a message violated a policy of the receiver.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// 1009: a message was too large for the receiver to process.
    public static let messageTooBig = CloseCode(rawValue: 1009)
    /// 1010: the client requires an extension that the server did not accept.
    public static let mandatoryExtension = CloseCode(rawValue: 1010)
    /// 1011: the server encountered an unexpected condition.
    public static let internalError = CloseCode(rawValue: 1011)
    /// 1012: the service is restarting.
    public static let serviceRestart = CloseCode(rawValue: 1012)
    /// 1013: the server is overloaded; try again later.
    public static let tryAgainLater = CloseCode(rawValue: 1013)
    /// 1014: a gateway received an invalid response from its upstream server.
    public static let badGateway = CloseCode(rawValue: 1014)
    /// 1015: the TLS handshake failed. Never sent.
    public static let tlsHandshakeFailure = CloseCode(rawValue: 1015)

    /// Whether a Close frame may contain the code: 1000–1003, 1007–1014 or 3000–4999 (RFC 6455, sections 7.4.1 and
    /// 7.4.2).
    public var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// All codes that have a registered name and may be sent.
    public static let named = (1000...1015).map { CloseCode(rawValue: $0) }.filter(\.mayBeSent)

    /// The registered name of the code, or the name of its range.
    public var name: String {
        switch rawValue {
        case 1000: "normal closure"
        case 1001: "going away"
        case 1002: "protocol error"
        case 1003: "unsupported data"
        case 1005: "no status received"
        case 1006: "abnormal closure"
        case 1007: "invalid frame payload data"
        case 1008: "policy violation"
        case 1009: "message too big"
        case 1010: "mandatory extension"
        case 1011: "internal error"
        case 1012: "service restart"
        case 1013: "try again later"
        case 1014: "bad gateway"
        case 1015: "TLS handshake failure"
        case 3000...3999: "registered with IANA"
        case 4000...4999: "private use"
        default: "reserved"
        }
    }
}
