import NIOHTTP2

/// The reason why a server cannot be used over HTTP/2 (RFC 8441).
public enum HTTP2Failure: Error, Equatable, Sendable {
    /// The URL is `ws`, and HTTP/2 is negotiated in the TLS handshake.
    case requiresTLS
    /// The server selected another protocol in the TLS handshake, or none (RFC 7301).
    case notNegotiated
    /// The server's settings do not allow extended CONNECT.
    case noExtendedConnect
    /// The server's first bytes are not HTTP/2.
    case notHTTP2
}

/// A fault of an HTTP/2 connection or stream, in words.
struct HTTP2Fault: Error, CustomStringConvertible {
    let description: String

    /// Creates a fault from an error of a channel.
    init(_ error: any Error) {
        description =
            switch error {
            case let fault as HTTP2Fault: fault.description
            case let error as NIOHTTP2Errors.StreamClosed: "the stream was reset with \(Self.name(of: error.errorCode))"
            case is any NIOHTTP2Error: "HTTP/2 failed: \(Self.words(for: error))"
            default: describe(error)
            }
    }

    /// Creates the fault of a connection that the peer ends with a GOAWAY frame.
    init(goAway code: HTTP2ErrorCode) {
        description = "the connection was ended with \(Self.name(of: code))"
    }

    /// Returns the type of an error as words: `ExcessiveRSTFrames` is "excessive RST frames".
    private static func words(for error: any Error) -> String {
        "\(type(of: error))".replacing(/([a-z])([A-Z])/) { "\($0.output.1) \($0.output.2)" }
            .split(separator: " ").map { $0.dropFirst().contains(where: \.isLowercase) ? $0.lowercased() : String($0) }
            .joined(separator: " ")
    }

    /// Returns the name of an error code (RFC 9113, section 7).
    private static func name(of code: HTTP2ErrorCode) -> String {
        let names = [
            "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
            "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
            "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
        ]
        return names.indices.contains(code.networkCode) ? names[code.networkCode] : "error \(code.networkCode)"
    }

    /// Whether an error concerns a single stream, so that the connection can be used further.
    static func isAboutStream(_ error: any Error) -> Bool {
        switch error {
        case is NIOHTTP2Errors.StreamError, is NIOHTTP2Errors.StreamClosed,
            is NIOHTTP2Errors.BadStreamStateTransition,
            is NIOHTTP2Errors.TrailersWithoutEndStream, is NIOHTTP2Errors.InvalidPseudoHeaders,
            is NIOHTTP2Errors.MissingPseudoHeader, is NIOHTTP2Errors.DuplicatePseudoHeader,
            is NIOHTTP2Errors.PseudoHeaderAfterRegularHeader, is NIOHTTP2Errors.UnknownPseudoHeader,
            is NIOHTTP2Errors.UnsupportedPseudoHeader, is NIOHTTP2Errors.EmptyPathHeader,
            is NIOHTTP2Errors.InvalidStatusValue, is NIOHTTP2Errors.InvalidHTTP2HeaderFieldName,
            is NIOHTTP2Errors.InvalidHTTP2HeaderFieldValue, is NIOHTTP2Errors.InvalidPseudoHeaderValue,
            is NIOHTTP2Errors.ForbiddenHeaderField, is NIOHTTP2Errors.ContentLengthViolated,
            is NIOHTTP2Errors.ContentLengthHeadersMismatch, is NIOHTTP2Errors.ContentLengthHeaderNegative,
            is NIOHTTP2Errors.ContentLengthHeaderMalformedValue:
            true
        default: false
        }
    }
}
