import NIOCore

/// Puts the fragments of a message together (RFC 6455, section 5.4), decompressing it (RFC 7692), and checks limits and
/// UTF-8 as the bytes come.
struct MessageAssembler {
    private enum Progress {
        case idle
        case assembling(MessageBatch.Kind, isCompressed: Bool)
    }

    private let limits: Limits
    private let decompressor: Decompressor?
    private var progress: Progress = .idle
    /// What has come of the message under way, and of its UTF-8.
    private var partial = ByteBuffer()
    private var validator = UTF8Validator()

    init(limits: Limits, decompressor: Decompressor?) {
        self.limits = limits
        self.decompressor = decompressor
    }

    /// Takes the header of a data frame.
    ///
    /// - Throws: `ProtocolError` when the frame may not come now, or would make its message too long.
    mutating func begin(_ header: FrameHeader) throws(ProtocolError) {
        // RSV1 on the first frame of a message says that it is compressed (RFC 7692, section 6).
        let isCompressed = header.reservedBits != 0
        switch (progress, header.opcode) {
        case (.idle, .text): progress = .assembling(.text, isCompressed: isCompressed)
        case (.idle, .binary): progress = .assembling(.binary, isCompressed: isCompressed)
        case (.idle, _): throw .continuationWithoutMessage
        case (.assembling, .continuation): break
        case (.assembling, _): throw .messageInsideMessage(header.opcode)
        }
        if case .assembling(_, isCompressed: true) = progress {
            // What it decompresses to is not known yet.
            try check(header, against: limits.compressedFrameSize)
            return
        }
        try check(header, against: limits.frameSize)
        guard header.payloadLength <= limits.messageSize - partial.readableBytes else {
            let (size, overflow) = partial.readableBytes.addingReportingOverflow(header.payloadLength)
            throw .messageTooLarge(size: overflow ? .max : size, limit: limits.messageSize)
        }
    }

    /// Takes bytes of the frame that was begun, unmasking them.
    ///
    /// - Throws: `ProtocolError` at the first byte that cannot be, or that is too much.
    mutating func append(_ bytes: UnsafeRawBufferPointer, key: MaskingKey?) throws(ProtocolError) {
        guard case .assembling(let kind, let isCompressed) = progress else { return }
        if isCompressed, let decompressor {
            var unmasked = ByteBuffer()
            unmasked.write(bytes, unmaskedWith: key)
            try decompress(kind) { output, limit throws(Decompressor.Failure) in
                try decompressor.decompress(unmasked, to: &output, limit: limit)
            }
        } else {
            let start = partial.readableBytes
            partial.write(bytes, unmaskedWith: key)
            try check(kind, from: start)
        }
    }

    /// Ends the frame; the last of its message appends the message to the batch.
    ///
    /// - Throws: `ProtocolError` when the message is not whole, or too long.
    mutating func finish(isFinal: Bool, into batch: inout MessageBatch) throws(ProtocolError) {
        guard isFinal, case .assembling(let kind, let isCompressed) = progress else { return }
        if isCompressed, let decompressor {
            try decompress(kind) { output, limit throws(Decompressor.Failure) in
                try decompressor.finish(to: &output, limit: limit)
            }
        }
        guard validator.isComplete else { throw .textNotUTF8(offset: partial.readableBytes) }
        var message = ByteBuffer()
        swap(&message, &partial)
        batch.append(kind, takingOver: message)
        progress = .idle
    }

    /// Takes a message that came as one frame and whole: straight to the batch, without the way through `partial`.
    ///
    /// - Returns: false when the frame is a fragment, or must be unmasked or decompressed first: it has to go the long
    ///   way.
    mutating func takeWhole(
        _ header: FrameHeader,
        _ payload: UnsafeRawBufferPointer,
        into batch: inout MessageBatch
    ) throws(ProtocolError) -> Bool {
        guard header.isFinal, header.opcode != .continuation,
            case .assembling(let kind, isCompressed: false) = progress
        else { return false }
        if kind == .text {
            guard header.maskingKey == nil else { return false }
            if let invalid = UTF8Validator.firstInvalid(inText: payload) { throw .textNotUTF8(offset: invalid) }
        }
        progress = .idle
        batch.append(kind, payload, unmaskedWith: header.maskingKey)
        return true
    }

    private func check(_ header: FrameHeader, against limit: Int) throws(ProtocolError) {
        guard header.payloadLength <= limit else {
            throw .frameTooLarge(size: UInt64(header.payloadLength), limit: limits.frameSize)
        }
    }

    private mutating func decompress(
        _ kind: MessageBatch.Kind,
        _ body: (_ output: inout ByteBuffer, _ limit: Int) throws(Decompressor.Failure) -> Void
    ) throws(ProtocolError) {
        let start = partial.readableBytes
        var failure: Decompressor.Failure?
        do throws(Decompressor.Failure) {
            try body(&partial, limits.messageSize)
        } catch {
            failure = error
        }
        // What came out before the failure came first; which fault is told must not depend on how the bytes were cut.
        try check(kind, from: start)
        switch failure {
        case .corrupt: throw .compressedDataCorrupt
        case .tooLarge: throw .messageTooLarge(size: partial.readableBytes, limit: limits.messageSize)
        case nil: break
        }
    }

    private mutating func check(_ kind: MessageBatch.Kind, from start: Int) throws(ProtocolError) {
        guard kind == .text else { return }
        let invalid = partial.withUnsafeReadableBytes {
            validator.firstInvalid(in: UnsafeRawBufferPointer(rebasing: $0[start...]))
        }
        if let invalid { throw .textNotUTF8(offset: start + invalid) }
    }
}
