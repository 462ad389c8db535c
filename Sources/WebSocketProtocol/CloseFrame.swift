/// The content of a Close frame: a code with a reason, or nothing (RFC 6455, section 5.5.1).
public struct CloseFrame: Equatable, Sendable {
    /// The code; nil when the frame has no payload.
    public let code: CloseCode?
    /// The reason; empty when none was given. At most 123 bytes of UTF-8.
    public let reason: String

    /// A Close frame without a payload.
    public static let empty = CloseFrame()

    /// A Close frame with 1000, normal closure.
    public static let normal = CloseFrame(.normalClosure)

    /// A Close frame with 1001, going away.
    public static let goingAway = CloseFrame(.goingAway)

    private init(_ code: CloseCode? = nil) {
        self.code = code
        reason = ""
    }

    /// Creates the content of a Close frame that may be sent.
    ///
    /// - Parameters:
    ///   - code: a code for which `mayBeSent` holds.
    ///   - reason: at most 123 bytes of UTF-8, since a control frame's payload is at most 125.
    /// - Throws: `Invalid` for a code that must not be sent, or a reason that is too long.
    public init(code: CloseCode, reason: String = "") throws(Invalid) {
        guard code.mayBeSent else { throw .code(code) }
        guard reason.utf8.count <= Self.maximumReasonLength else { throw .reasonLength(reason.utf8.count) }
        self.code = code
        self.reason = reason
    }

    /// Creates the Close frame that ends the connection after a violation by the peer.
    ///
    /// - Parameter violation: the violation, whose description becomes the reason, truncated to 123 bytes.
    init(answering violation: ProtocolError) {
        code = violation.closeCode
        var reason = violation.description
        while reason.utf8.count > Self.maximumReasonLength { reason.removeLast() }
        self.reason = reason
    }

    /// Reads the payload of a Close frame that was received.
    ///
    /// - Parameter payload: 0 to 125 bytes, unmasked.
    /// - Throws: `ProtocolError` for one byte, a code that may not be sent, a reason that is not UTF-8.
    init(payload: UnsafeRawBufferPointer) throws(ProtocolError) {
        guard !payload.isEmpty else {
            self = .empty
            return
        }
        guard payload.count >= 2 else { throw .closePayloadOfOneByte }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.mayBeSent else { throw .closeCodeNotAllowed(code.rawValue) }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            throw .closeReasonNotUTF8
        }
        self.code = code
        self.reason = reason
    }

    /// The reason why a Close frame cannot be sent.
    public enum Invalid: Error, Equatable, CustomStringConvertible {
        /// The code must not be sent.
        case code(CloseCode)
        /// The reason has this many bytes, more than `maximumReasonLength`.
        case reasonLength(Int)

        /// The fault, with the value and the allowed ones.
        public var description: String {
            switch self {
            case .code(let code):
                "close code \(code.rawValue) must not be sent; use 1000–1003, 1007–1014 or 3000–4999"
            case .reasonLength(let length):
                "the reason is \(length) bytes long; the maximum is \(CloseFrame.maximumReasonLength)"
            }
        }
    }

    /// The maximum length of a reason, in bytes: the payload of a control frame without the code.
    public static let maximumReasonLength = 123

    /// The frame's payload: the code in network byte order, then the reason.
    var payload: [UInt8] {
        guard let code else { return [] }
        return [UInt8(code.rawValue >> 8), UInt8(truncatingIfNeeded: code.rawValue)] + reason.utf8
    }
}
