/// Why a connection was closed (RFC 6455, section 7.4, and the IANA registry it founded).
public struct CloseCode: RawRepresentable, Hashable, Sendable {
    /// The code as it stands in the first two bytes of a Close frame's payload.
    public let rawValue: UInt16

    /// Creates a code of any value; `mayBeSent` tells whether it may stand in a Close frame.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 1000: the purpose of the connection is fulfilled.
    public static let normalClosure = CloseCode(rawValue: 1000)
    /// 1001: the server goes down, or the page was left.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// 1002: the peer broke the protocol.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// 1003: the peer sent a kind of data this side cannot take.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// 1005: a Close frame came without a code. Never on the wire.
    public static let noStatusReceived = CloseCode(rawValue: 1005)
    /// 1006: the connection ended without a Close frame. Never on the wire.
    public static let abnormalClosure = CloseCode(rawValue: 1006)
    /// 1007: a text message was not UTF-8.
    public static let invalidFramePayloadData = CloseCode(rawValue: 1007)
    /// 1008: a message broke a policy of the receiver.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// 1009: a message was larger than the receiver takes.
    public static let messageTooBig = CloseCode(rawValue: 1009)
    /// 1010: the client needed an extension that the server did not agree to.
    public static let mandatoryExtension = CloseCode(rawValue: 1010)
    /// 1011: the server met a condition that it did not expect.
    public static let internalError = CloseCode(rawValue: 1011)
    /// 1012: the service restarts.
    public static let serviceRestart = CloseCode(rawValue: 1012)
    /// 1013: the server is overloaded; try again later.
    public static let tryAgainLater = CloseCode(rawValue: 1013)
    /// 1014: a gateway got an invalid answer from the server behind it.
    public static let badGateway = CloseCode(rawValue: 1014)
    /// 1015: the TLS handshake failed. Never on the wire.
    public static let tlsHandshakeFailure = CloseCode(rawValue: 1015)

    /// Whether the code may stand in a Close frame, sent or received: 1000–1003, 1007–1014 and 3000–4999
    /// (RFC 6455, sections 7.4.1 and 7.4.2).
    public var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// The codes with a registered name that may be sent.
    public static let named = (1000...1015).map { CloseCode(rawValue: $0) }.filter(\.mayBeSent)

    /// The code's registered name in words, or the range that it lies in.
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
