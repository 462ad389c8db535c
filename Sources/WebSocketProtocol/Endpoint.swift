public import NIOCore

/// An endpoint of a WebSocket connection (RFC 6455) without I/O, which converts between bytes and messages.
///
/// The owner of the transport passes incoming bytes to `receive`. After `receive`, `send` and `close`, it writes the
/// bytes that `takeOutput` returns. When `expectsTransportEnd` is true, a server closes the transport at once; a client
/// waits until the server has closed it or a time limit has passed (section 7.1.1).
///
/// The first violation by the peer ends the connection: the endpoint sends a Close frame with the matching code and
/// ignores all later bytes.
public struct Endpoint {
    /// The state of the connection and its closing handshake (RFC 6455, section 7).
    public enum State: Equatable, Sendable {
        /// Both sides may send messages.
        case open
        /// This side sent a Close frame and still receives messages until the peer's Close frame.
        case closing(CloseFrame)
        /// The peer sent a Close frame or violated the protocol, and this side has not responded yet. It may still send
        /// messages, but receives nothing more.
        case ending(Received.End)
        /// The closing handshake is complete. The first value is the peer's Close frame, the second this side's if it
        /// was the first to close.
        case closed(CloseFrame, answering: CloseFrame?)
        /// The peer violated the protocol, and the connection failed.
        case failed(ProtocolError)
    }

    /// The result of a call to `receive`.
    public struct Received: Sendable {
        /// An event that ended the connection.
        public enum End: Equatable, Sendable {
            /// The peer's Close frame.
            case close(CloseFrame)
            /// A protocol violation by the peer.
            case violation(ProtocolError)
        }

        /// The messages, pings and pongs in the order received. The endpoint has responded to the pings already.
        public var batch = MessageBatch()
        /// The event that ended the connection after the last entry of the batch; nil while the connection is open.
        public var end: End?
    }

    /// The progress of parsing the current frame.
    private enum Parsing {
        case header
        case payload(FrameHeader, received: Int)
    }

    /// The role of this endpoint.
    public let role: Role
    /// The state of the connection.
    public internal(set) var state: State = .open
    /// Whether the transport has unsent bytes. Meanwhile the endpoint holds pongs back and later responds to the latest
    /// ping alone, as section 5.5.3 allows, so that a flood of pings needs no memory.
    public var isCongested = false {
        didSet { if !isCongested { sendHeldPong() } }
    }

    /// The number of payload bytes of data frames on the wire, after compression.
    public internal(set) var wirePayload = (sent: 0, received: 0)

    /// A closure that is called with the header of each frame sent or received.
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
    /// The messages to frame and send after `output`.
    var backlog = Backlog()
    var maskingKeys = MaskingKeys()

    /// Creates an endpoint of a connection whose opening handshake is complete.
    ///
    /// - Parameters:
    ///   - role: the role of the endpoint.
    ///   - limits: the maximum size of incoming messages and frames.
    ///   - fragmentSize: the maximum payload of an outgoing frame, in bytes, at least 1; longer messages are
    ///     fragmented. Nil sends each message as one frame.
    ///   - deflate: the agreed parameters of permessage-deflate; nil when it is not used.
    ///   - answersEndAtOnce: whether to respond to the peer's Close frame or violation immediately; otherwise `close`
    ///     responds, after the replies to earlier messages have been sent.
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

    /// Whether the transport should be closed: the closing handshake is complete, and all output has been framed.
    public var expectsTransportEnd: Bool {
        switch state {
        case .open, .closing, .ending: false
        case .closed, .failed: backlog.isEmpty
        }
    }

    /// Whether the endpoint still accepts frames from the peer.
    private var isReceiving: Bool {
        switch state {
        case .open, .closing: true
        case .ending, .closed, .failed: false
        }
    }

    /// Receives bytes from the peer, which may be split anywhere.
    ///
    /// - Parameter buffer: the bytes. If any are left afterwards, call the method again with them: because a few bytes
    ///   can decompress to many messages, one call returns at most about 1 MiB and one message. None are left once the
    ///   connection has ended.
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
    /// One call frames at most about 4 MiB of fragments, so that large messages in small fragments need little memory.
    /// Call it again when the transport has written the bytes.
    public mutating func takeOutput() -> ByteBuffer? {
        if output.readableBytes == 0 { frameBacklog() }
        guard output.readableBytes > 0 else { return nil }
        defer { output = ByteBuffer() }
        return output
    }

    /// The number of payload bytes that have not been framed yet.
    public var bytesToFrame: Int { backlog.bytes }

    /// Whether there is something to send, so that the next `takeOutput` returns bytes.
    public var hasOutput: Bool { output.readableBytes > 0 || !backlog.isEmpty }

    /// Parses frames until the input ends, the batch is full, or a Close frame arrives; returns the Close frame.
    ///
    /// Removes the bytes that it parsed from `rest`.
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

    /// Parses a header whose first bytes may have been in an earlier buffer, and returns it with the number of bytes
    /// used from `bytes`.
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
        // RSV1 is defined for the first frame of a message only (RFC 7692, section 6).
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
        // Pings are answered until the peer's Close frame, even after this side has sent its own (section 5.5.2).
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

    /// Handles the event that ends the connection. Unless this side has sent a Close frame, it responds now or in
    /// `close` (section 5.5.1).
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
