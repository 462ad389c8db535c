import MessageText
import NIOCore
import NIOHTTP1
import WebSocketProtocol

/// The reason why a server's response to the opening handshake cannot be parsed (RFC 9112).
public enum ResponseFault: Error, Equatable, Sendable {
    /// The server responded with TLS.
    case tls
    /// The server responded with HTTP/2.
    case http2
    /// The response, which starts with these bytes, is not HTTP.
    case notHTTP(String)
    /// The status line is not valid HTTP/1.
    case statusLine(String)
    /// A header is folded over several lines, which RFC 9112, section 5.2, does not allow.
    case foldedHeader(String)
    /// The response ended inside its head.
    case cutShort
    /// A line ends with LF instead of CRLF.
    case bareLineFeed(String)
    /// A header has no name, no colon or an invalid byte.
    case headerLine(String)
    /// The response head is too long.
    case tooLong
    /// Another fault, with the message of the parser.
    case other(String)

    /// Determines the fault in a response that the parser rejected.
    ///
    /// - Parameters:
    ///   - start: the first bytes of the response.
    ///   - error: the error of the parser.
    init(in start: ByteBuffer, _ error: any Error) {
        let bytes = start.readableBytesView
        if let fault = error as? ResponseFault {
            self = fault
        } else if error as? HTTPParserError == .invalidEOFState {
            self = .cutShort
        } else if error as? HTTPParserError == .headerOverflow {
            self = .tooLong
        } else if bytes.starts(with: [0x15, 0x03]) {
            // A TLS alert, or the SETTINGS frame that starts every HTTP/2 connection.
            self = .tls
        } else if bytes.count >= 9, bytes.dropFirst(3).starts(with: [0x04, 0x00, 0, 0, 0, 0]) {
            self = .http2
        } else if !bytes.starts(with: "HTTP/".utf8) {
            self = .notHTTP(Self.excerpt(bytes))
        } else {
            self = Self.faultyLine(of: bytes) ?? .other("\(error)")
        }
    }

    private static func faultyLine(of bytes: ByteBufferView) -> ResponseFault? {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        // The last line may be incomplete.
        if lines.count > 1 { lines = lines.dropLast() }
        guard let statusLine = lines.popFirst() else { return nil }
        let status = String(decoding: statusLine, as: UTF8.self)
        guard status.wholeMatch(of: /HTTP\/1\.[01] [1-9][0-9][0-9]( [^\r\n]*)?\r?/) != nil else {
            return .statusLine(excerpt(statusLine))
        }
        for line in lines {
            if line.last != UInt8(ascii: "\r") { return .bareLineFeed(headerExcerpt(line)) }
            let text = line.dropLast()
            // Other rules apply after the empty line, where a body or another response follows.
            guard let first = text.first else { return nil }
            if first == 0x20 || first == 0x09 { return .foldedHeader(excerpt(text)) }
            let name = text.prefix { $0 != UInt8(ascii: ":") }
            let isSound =
                !name.isEmpty && name.count < text.count && name.allSatisfy(Token.contains)
                && !text.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
            if !isSound { return .headerLine(headerExcerpt(text.map { $0 == 0x0D ? 0x20 : $0 })) }
        }
        return nil
    }

    /// Returns the start of a header line, without the value if it is secret.
    private static func headerExcerpt(_ line: some Collection<UInt8>) -> String {
        let text = excerpt(line)
        guard let colon = text.firstIndex(of: ":") else { return text }
        let value = String(text[colon...].dropFirst())
        return "\(text[...colon])\(Redaction.headerValue(value, of: String(text[..<colon])))"
    }

    private static func excerpt(_ bytes: some Collection<UInt8>) -> String {
        let line = bytes.prefix { $0 != 0x0D && $0 != 0x0A }
        let text = String(decoding: line.prefix(80), as: UTF8.self)
        return line.count > 80 ? text + "…" : text
    }
}

extension ResponseFault: CustomStringConvertible {
    /// A description of the fault, with the invalid value and what to do about it.
    public var description: String {
        switch self {
        case .tls: "the server uses TLS; use wss://"
        case .http2: "it is HTTP/2; use --http2-prior-knowledge"
        case .notHTTP(let start): "\"\(start)\" is not HTTP; check that this is a WebSocket server"
        case .statusLine(let line): "invalid HTTP/1.1 status line \"\(line)\""
        case .foldedHeader(let line): "header continued on another line, \"\(line)\", which HTTP forbids"
        case .cutShort: "it ended within the headers"
        case .bareLineFeed(let line): "line \"\(line)\" ends with LF instead of CRLF"
        case .headerLine(let line): "malformed header line \"\(line)\""
        case .tooLong:
            "the headers exceed \(ResponseRecorder.maximumHeadSize >> 10) KiB, or one of them 80 KiB"
        case .other(let words): "invalid HTTP: \(words)"
        }
    }
}
