public import NIOCore

/// An endpoint of a WebSocket connection (RFC 6455) without I/O: it converts between bytes and messages.
///
/// The owner of the transport calls `receive` with incoming bytes, then `takeOutput` and sends the result; after `send`
/// or `close` likewise. When `expectsTransportEnd` is true, the transport is to be closed: by a server at once, by a
/// client after the server did so or a time limit passed (section 7.1.1).
///
/// The first violation by the peer ends the connection: a Close frame with the violation's code is sent, and later bytes
/// are ignored.
public struct Endpoint {
    /// The state of the connection and its closing handshake (RFC 6455, section 7).
    public enum State: Equatable, Sendable {
        /// Messages are sent and received.
        case open
        /// This side sent a Close frame; the peer's messages are received until its Close frame.
        case closing(CloseFrame)
        /// The peer sent a Close frame or broke the protocol, and this side has not answered: nothing more is received,
        /// messages may still be sent.
        case ending(Received.End)
        /// Both sides sent a Close frame: the peer's, and this side's if that was the first.
        case closed(CloseFrame, answering: CloseFrame?)
        /// The peer broke the protocol.
        case failed(ProtocolError)
    }

    /// The result of a call of `receive`.
    public struct Received: Sendable {
        /// The event that ended the connection, after the last entry of the batch.
        public enum End: Equatable, Sendable {
            /// The peer's Close frame.
            case close(CloseFrame)
            /// A violation by the peer.
            case violation(ProtocolError)
        }

        /// The messages, pings and pongs, in order. Pings have been answered.
        public var batch = MessageBatch()
        /// The event that ended the connection; nil while it is open.
        public var end: End?
    }

    /// What came of the frame that is being received.
    private enum Parsing {
        case header
        case payload(FrameHeader, received: Int)
    }

    /// The role of this endpoint.
    public let role: Role
    /// The state of the connection.
    public internal(set) var state: State = .open
    /// Whether the transport is behind with sending. While it is, only the newest ping will be answered, once it no
    /// longer is (section 5.5.3 allows it): a flood of pings costs no memory.
    public var isCongested = false {
        didSet { if !isCongested { sendHeldPong() } }
    }

    /// The payload bytes of data frames on the wire, after compression.
    public internal(set) var wirePayload = (sent: 0, received: 0)

    /// Called with the header of each frame that is sent or received.
    public var onFrame: (@Sendable (FrameDirection, FrameHeader) -> Void)?

    private var parsing: Parsing = .header
    private var partialHeader: [UInt8] = []
    private var controlPayload = ByteBuffer()
    private var assembler: MessageAssembler
    private var heldPong: ByteBuffer?
    private let answersEndAtOnce: Bool
    let fragmentSize: Int
    let compressor: Compressor?
    /// The frames to send next.
    var output = ByteBuffer()
    /// The messages to send after `output`.
    var backlog = Backlog()
    var maskingKeys = MaskingKeys()

    /// Creates an endpoint of a connection after its opening handshake.
    ///
    /// - Parameters:
    ///   - role: the role of the endpoint.
    ///   - limits: the maximum size of the peer's messages and frames.
    ///   - fragmentSize: the maximum payload of a frame to send, in bytes, at least 1; longer messages are fragmented. Nil
    ///     sends each message as one frame.
    ///   - deflate: the agreed parameters of permessage-deflate; nil when it is not used.
    ///   - answersEndAtOnce: whether to answer the peer's Close frame, or a violation, at once; otherwise it is answered by
    ///     `close`, after the replies to earlier messages have been sent.
    public init(
        role: Role,
        limits: Limits = Limits(),
        fragmentSize: Int? = nil,
        deflate: DeflateParameters? = nil,
        answersEndAtOnce: Bool = true
    ) {
        precondition(fragmentSize ?? 1 >= 1, "a fragment has at least one byte")
        self.role = role
        self.fragmentSize = fragmentSize ?? .max
        self.answersEndAtOnce = answersEndAtOnce
        compressor = deflate.map { Compressor($0.direction(from: role)) }
        let decompressor = deflate.map { Decompressor($0.direction(from: role == .client ? .server : .client)) }
        assembler = MessageAssembler(limits: limits, decompressor: decompressor)
    }

    /// Whether the closing handshake is complete and the rest of the output has been framed: the transport is to be closed.
    public var expectsTransportEnd: Bool {
        switch state {
        case .open, .closing, .ending: false
        case .closed, .failed: backlog.isEmpty
        }
    }

    /// Whether the peer may still send.
    private var isReceiving: Bool {
        switch state {
        case .open, .closing: true
        case .ending, .closed, .failed: false
        }
    }

    /// Receives bytes from the peer, split anywhere.
    ///
    /// - Parameter buffer: the bytes. Pass those that are left afterwards to another call: a few bytes can decompress to
    ///   many messages, so that one call returns at most about 1 MiB and one message. After the connection has ended none are
    ///   left.
    /// - Returns: the complete messages, and the event that ended the connection, if any.
    public mutating func receive(_ buffer: inout ByteBuffer) -> Received {
        var received = Received()
        guard isReceiving else {
            buffer.clear()
            return received
        }
        buffer.readWithUnsafeReadableBytes { bytes in
            var rest = bytes
            do throws(ProtocolError) {
                received.end = try parse(&rest, into: &received.batch).map(Received.End.close)
            } catch {
                received.end = .violation(error)
            }
            return bytes.count - rest.count
        }
        if let end = received.end {
            take(end)
            buffer.clear()
        }
        return received
    }

    /// Returns the next bytes to send to the peer; nil if there are none.
    ///
    /// One call frames about 4 MiB of fragments at most, so that small fragments of large messages need no memory in
    /// proportion. Call it again when the transport has taken the bytes.
    public mutating func takeOutput() -> ByteBuffer? {
        if output.readableBytes == 0 { frameBacklog() }
        guard output.readableBytes > 0 else { return nil }
        defer { output = ByteBuffer() }
        return output
    }

    /// The payload bytes of messages that are not framed yet.
    public var bytesToFrame: Int { backlog.bytes }

    /// Whether there is something to send: the next `takeOutput` returns bytes.
    public var hasOutput: Bool { output.readableBytes > 0 || !backlog.isEmpty }

    /// Goes through the bytes frame by frame, and leaves what it did not come to; returns the Close frame, which is the
    /// last thing looked at.
    private mutating func parse(
        _ rest: inout UnsafeRawBufferPointer,
        into batch: inout MessageBatch
    ) throws(ProtocolError) -> CloseFrame? {
        while true {
            switch parsing {
            case .header:
                guard let (header, size) = try nextHeader(rest) else {
                    rest = UnsafeRawBufferPointer(rebasing: rest[rest.count...])
                    return nil
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[size...])
                onFrame?(.received, header)
                try check(header)
                if !header.opcode.isControl {
                    try assembler.begin(header)
                    wirePayload.received += header.payloadLength
                    if header.payloadLength <= rest.count {
                        if batch.isEmpty { batch.reserve(rest.count) }
                        let payload = UnsafeRawBufferPointer(rebasing: rest[..<header.payloadLength])
                        if try assembler.takeWhole(header, payload, into: &batch) {
                            rest = UnsafeRawBufferPointer(rebasing: rest[header.payloadLength...])
                            continue
                        }
                    }
                }
                parsing = .payload(header, received: 0)
            case .payload(let header, let received):
                let chunk = UnsafeRawBufferPointer(rebasing: rest.prefix(header.payloadLength - received))
                rest = UnsafeRawBufferPointer(rebasing: rest[chunk.count...])
                let key = header.maskingKey?.advanced(by: received)
                if header.opcode.isControl {
                    controlPayload.write(chunk, unmaskedWith: key)
                } else {
                    try assembler.append(chunk, key: key)
                }
                guard received + chunk.count == header.payloadLength else {
                    parsing = .payload(header, received: received + chunk.count)
                    return nil
                }
                parsing = .header
                if header.opcode.isControl {
                    if let close = try finishControlFrame(header.opcode, into: &batch) { return close }
                } else {
                    try assembler.finish(isFinal: header.isFinal, into: &batch)
                    if batch.bytes.readableBytes >= Limits.batchSize { return nil }
                }
            }
        }
    }

    /// Reads a header that may have begun in an earlier buffer; the size is what it takes of `bytes`.
    private mutating func nextHeader(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProtocolError) -> (header: FrameHeader, size: Int)? {
        guard !partialHeader.isEmpty else {
            if let parsed = try FrameHeader.parse(bytes) { return parsed }
            partialHeader.append(contentsOf: bytes)
            return nil
        }
        let earlier = partialHeader.count
        partialHeader.append(contentsOf: bytes.prefix(FrameHeader.maximumSize - earlier))
        let parsed: Result<(FrameHeader, Int)?, ProtocolError> = partialHeader.withUnsafeBytes { bytes in
            Result { () throws(ProtocolError) in try FrameHeader.parse(bytes) }
        }
        guard let (header, size) = try parsed.get() else { return nil }
        partialHeader.removeAll(keepingCapacity: true)
        return (header, size - earlier)
    }

    private func check(_ header: FrameHeader) throws(ProtocolError) {
        // RSV1 has a meaning on the first frame of a message alone (RFC 7692, section 6).
        let mayBeCompressed = compressor != nil && (header.opcode == .text || header.opcode == .binary)
        let unused = header.reservedBits & ~(mayBeCompressed ? FrameHeader.rsv1 : 0)
        guard unused == 0 else { throw .reservedBits(unused) }
        switch role {
        case .client: if header.maskingKey != nil { throw .maskedFrameFromServer }
        case .server: if header.maskingKey == nil { throw .unmaskedFrameFromClient }
        }
    }

    private mutating func finishControlFrame(
        _ opcode: Opcode,
        into batch: inout MessageBatch
    ) throws(ProtocolError) -> CloseFrame? {
        var payload = ByteBuffer()
        swap(&payload, &controlPayload)
        if opcode == .close {
            let result: Result<CloseFrame, ProtocolError> = payload.withUnsafeReadableBytes { bytes in
                Result { () throws(ProtocolError) in try CloseFrame(payload: bytes) }
            }
            return try result.get()
        }
        if opcode == .ping { answerPing(payload) }
        batch.append(opcode == .ping ? .ping : .pong, payload.readableBytesView)
        return nil
    }

    private mutating func answerPing(_ payload: ByteBuffer) {
        // A ping is answered until the peer's Close frame has come, also after ours has gone (section 5.5.2).
        guard isReceiving else { return }
        if isCongested {
            heldPong = payload
        } else {
            payload.withUnsafeReadableBytes { write(.pong, $0) }
        }
    }

    private mutating func sendHeldPong() {
        guard let payload = heldPong else { return }
        heldPong = nil
        answerPing(payload)
    }

    /// Takes what ends the connection; it is answered now or by `close` (section 5.5.1), unless our Close frame has gone.
    private mutating func take(_ end: Received.End) {
        switch (state, end) {
        case (.open, _):
            state = .ending(end)
            if answersEndAtOnce { close(.normal) }
        case (.closing(let sent), .close(let frame)):
            state = .closed(frame, answering: sent)
        case (.closing, .violation(let violation)):
            state = .failed(violation)
        case (.ending, _), (.closed, _), (.failed, _):
            break
        }
    }
}
