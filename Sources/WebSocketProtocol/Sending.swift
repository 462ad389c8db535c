import NIOCore

/// An error that explains why an endpoint cannot send a batch. It is the caller's mistake, not the peer's.
public enum SendError: Error, Equatable, Sendable {
    /// A Close frame has been sent or the connection has failed, after which nothing may be sent (RFC 6455, section
    /// 5.5.1).
    case notOpen
    /// The payload of a ping or pong is longer than 125 bytes; the value is its length.
    case controlPayloadTooLong(Int)
}

extension Endpoint {
    /// The maximum payload of a control frame, in bytes (RFC 6455, section 5.5).
    public static let maximumControlPayload = 125

    /// The size of the output, in bytes, at which framing pauses.
    static let outputSize = 4 << 20

    /// Sends messages, pings and pongs in order, so that the next calls to `takeOutput` return their frames.
    ///
    /// - Parameter batch: the messages, pings and pongs; the payload of text must be UTF-8.
    /// - Throws: `SendError`, in which case nothing is sent.
    public mutating func send(_ batch: MessageBatch) throws(SendError) {
        switch state {
        case .open, .ending: break
        case .closing, .closed, .failed: throw .notOpen
        }
        var room = 0
        for entry in batch.entries {
            if !entry.kind.isMessage, entry.count > Self.maximumControlPayload {
                throw .controlPayloadTooLong(entry.count)
            }
            room += self.room(for: entry.count)
        }
        guard backlog.isEmpty, room <= Self.outputSize else { return backlog.append(batch) }
        batch.bytes.withUnsafeReadableBytes { payloads in
            withRoom(room) { endpoint, destination in
                var position = destination
                for entry in batch.entries {
                    let payload = UnsafeRawBufferPointer(rebasing: payloads[entry.offset..<entry.offset + entry.count])
                    position += endpoint.writeEntry(entry.kind, payload, to: position)
                }
                return position - destination
            }
        }
    }

    /// Returns the maximum size of the frames for a payload of `count` bytes.
    private func room(for count: Int) -> Int {
        count + FrameHeader.maximumSize * (1 + max(0, count - 1) / fragmentSize)
    }

    /// Frames messages of the backlog until the output reaches `outputSize`.
    mutating func frameBacklog() {
        while output.readableBytes < Self.outputSize {
            if backlog.message != nil {
                frameFragments()
            } else if let (kind, payload) = backlog.next() {
                begin(kind, payload)
            } else {
                if let close = backlog.takeClose() { close.withUnsafeReadableBytes { write(.close, $0) } }
                return
            }
        }
    }

    private mutating func begin(_ kind: MessageBatch.Kind, _ payload: ByteBuffer) {
        payload.withUnsafeReadableBytes { bytes in
            guard kind.isMessage, room(for: bytes.count) > Self.outputSize, bytes.count > fragmentSize else {
                return withRoom(room(for: bytes.count)) { endpoint, destination in
                    endpoint.writeEntry(kind, bytes, to: destination)
                }
            }
            let compressed = compressor?.compress(bytes) { $0.map { ByteBuffer(bytes: $0) } } ?? nil
            backlog.begin(
                Backlog.Message(
                    opcode: kind.opcode,
                    payload: compressed ?? payload,
                    reservedBits: compressed == nil ? 0 : FrameHeader.rsv1
                )
            )
            wirePayload.sent += (compressed ?? payload).readableBytes
        }
    }

    /// Frames at least one fragment of the current message.
    private mutating func frameFragments() {
        guard let message = backlog.message else { return }
        let free = Self.outputSize - output.readableBytes
        let count = min(fragmentSize, message.payload.readableBytes)
        let part = min(max(1, free / (count + FrameHeader.maximumSize)) * count, message.payload.readableBytes)
        message.payload.withUnsafeReadableBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(part))
            withRoom(room(for: part.count)) { endpoint, destination in
                endpoint.writeFragments(
                    message.opcode,
                    part,
                    reservedBits: message.reservedBits,
                    isLast: part.count == bytes.count,
                    to: destination
                )
            }
        }
        backlog.drop(part)
    }

    /// Starts the closing handshake (section 7.1.2), or responds to the peer's Close frame with the same code, or to a
    /// violation with its code.
    ///
    /// Has no effect when this side has already sent a Close frame.
    ///
    /// - Parameter frame: the Close frame to send if this side closes first.
    public mutating func close(_ frame: CloseFrame) {
        switch state {
        case .open:
            sendClose(frame.payload)
            state = .closing(frame)
        case .ending(.close(let received)):
            sendClose(Array(received.payload.prefix(2)))
            state = .closed(received, answering: nil)
        case .ending(.violation(let violation)):
            sendClose(CloseFrame(answering: violation).payload)
            state = .failed(violation)
        case .closing, .closed, .failed:
            break
        }
    }

    private mutating func sendClose(_ payload: [UInt8]) {
        if backlog.isEmpty {
            payload.withUnsafeBytes { write(.close, $0) }
        } else {
            backlog.close = ByteBuffer(bytes: payload)
        }
    }

    /// Appends a control frame to the output.
    mutating func write(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer) {
        withRoom(payload.count + FrameHeader.maximumSize) { endpoint, destination in
            endpoint.writeFrame(opcode, payload, to: destination)
        }
    }

    private mutating func writeEntry(
        _ kind: MessageBatch.Kind,
        _ payload: UnsafeRawBufferPointer,
        to destination: UnsafeMutableRawPointer
    ) -> Int {
        // Control frames must not be compressed (RFC 7692, section 6) or fragmented (RFC 6455, section 5.5).
        guard kind.isMessage else { return writeFrame(kind.opcode, payload, to: destination) }
        guard let compressor else { return writeMessage(kind.opcode, payload, to: destination) }
        return compressor.compress(payload) { compressed in
            let reservedBits = compressed == nil ? 0 : FrameHeader.rsv1
            return writeMessage(kind.opcode, compressed ?? payload, reservedBits: reservedBits, to: destination)
        }
    }

    private mutating func writeMessage(
        _ opcode: Opcode,
        _ payload: UnsafeRawBufferPointer,
        reservedBits: UInt8 = 0,
        to destination: UnsafeMutableRawPointer
    ) -> Int {
        wirePayload.sent += payload.count
        guard payload.count > fragmentSize else {
            return writeFrame(opcode, payload, reservedBits: reservedBits, to: destination)
        }
        return writeFragments(opcode, payload, reservedBits: reservedBits, isLast: true, to: destination)
    }

    /// Writes consecutive fragments of a message (section 5.4).
    ///
    /// - Parameters:
    ///   - opcode: the opcode of the first fragment.
    ///   - payload: the payload of all fragments.
    ///   - reservedBits: the reserved bits of the first fragment.
    ///   - isLast: whether the message ends with these fragments.
    ///   - destination: the memory to write to.
    /// - Returns: the size of the frames, in bytes.
    private mutating func writeFragments(
        _ opcode: Opcode,
        _ payload: UnsafeRawBufferPointer,
        reservedBits: UInt8,
        isLast: Bool,
        to destination: UnsafeMutableRawPointer
    ) -> Int {
        var written = 0
        var start = 0
        while start < payload.count {
            let fragment = UnsafeRawBufferPointer(rebasing: payload[start...].prefix(fragmentSize))
            written += writeFrame(
                start == 0 ? opcode : .continuation,
                fragment,
                isFinal: isLast && start + fragment.count == payload.count,
                reservedBits: start == 0 ? reservedBits : 0,
                to: destination + written
            )
            start += fragment.count
        }
        return written
    }

    private mutating func writeFrame(
        _ opcode: Opcode,
        _ payload: UnsafeRawBufferPointer,
        isFinal: Bool = true,
        reservedBits: UInt8 = 0,
        to destination: UnsafeMutableRawPointer
    ) -> Int {
        let key = role == .client ? maskingKeys.next() : nil
        let header = FrameHeader(
            opcode: opcode,
            payloadLength: payload.count,
            isFinal: isFinal,
            reservedBits: reservedBits,
            maskingKey: key
        )
        onFrame?(.sent, header)
        let size = header.write(to: destination)
        if let key {
            key.apply(from: payload, to: destination + size)
        } else if let source = payload.baseAddress {
            (destination + size).copyMemory(from: source, byteCount: payload.count)
        }
        return size + payload.count
    }

    /// Appends the bytes that `body` writes, at most `capacity`, to the output.
    private mutating func withRoom(_ capacity: Int, _ body: (inout Endpoint, UnsafeMutableRawPointer) -> Int) {
        // `body` may modify other properties of the endpoint, which exclusive access to `output` would forbid.
        var pending = ByteBuffer()
        swap(&pending, &output)
        if pending.readableBytes == 0 { pending.clear(minimumCapacity: capacity) }
        pending.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { destination in
            guard let base = destination.baseAddress else { return 0 }
            return body(&self, base)
        }
        swap(&pending, &output)
    }
}

extension MessageBatch.Kind {
    var opcode: Opcode {
        switch self {
        case .text: .text
        case .binary: .binary
        case .ping: .ping
        case .pong: .pong
        }
    }
}
