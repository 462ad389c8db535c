import NIOCore

/// Why an endpoint did not send what it was given: the caller's fault, not the peer's.
public enum SendError: Error, Equatable, Sendable {
    /// A Close frame has been sent, or the connection failed: nothing may follow.
    case notOpen
    /// The payload of a ping or pong has this many bytes, more than the 125 that a control frame holds.
    case controlPayloadTooLong(Int)
}

extension Endpoint {
    /// The most bytes the payload of a control frame can have (RFC 6455, section 5.5).
    public static let maximumControlPayload = 125

    /// Frames messages, pings and pongs, in order. All of the batch is framed, or nothing when it throws.
    ///
    /// - Parameter batch: what to send; the payloads of text must be UTF-8.
    /// - Throws: `SendError`.
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
            room += entry.count + FrameHeader.maximumSize * (1 + max(0, entry.count - 1) / fragmentSize)
        }
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

    /// Begins the closing handshake (section 7.1.2), or answers the peer's end of it: a Close frame with its own code, a
    /// violation with the code for that. Without effect when this side has sent its Close frame already.
    ///
    /// - Parameter frame: what the Close frame says when it is the first.
    public mutating func close(_ frame: CloseFrame) {
        switch state {
        case .open:
            frame.payload.withUnsafeBytes { write(.close, $0) }
            state = .closing(frame)
        case .ending(.close(let received)):
            received.payload.prefix(2).withUnsafeBytes { write(.close, $0) }
            state = .closed(received, answering: nil)
        case .ending(.violation(let violation)):
            CloseFrame(answering: violation).payload.withUnsafeBytes { write(.close, $0) }
            state = .failed(violation)
        case .closing, .closed, .failed:
            break
        }
    }

    /// Appends one control frame to the output.
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
        // Control frames must be neither compressed nor fragmented (RFC 7692, section 6; RFC 6455, section 5.5).
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
        var written = 0
        var start = 0
        while start < payload.count {
            let fragment = UnsafeRawBufferPointer(rebasing: payload[start...].prefix(fragmentSize))
            written += writeFrame(
                start == 0 ? opcode : .continuation,
                fragment,
                isFinal: start + fragment.count == payload.count,
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

    /// Appends to the output what `body` writes, at most `capacity` bytes.
    private mutating func withRoom(_ capacity: Int, _ body: (inout Endpoint, UnsafeMutableRawPointer) -> Int) {
        // The output stands aside meanwhile, so that `body` can change the rest of the endpoint.
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
