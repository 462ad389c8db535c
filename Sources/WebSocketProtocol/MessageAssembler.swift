import NIOCore

/// Assembles messages from fragments (RFC 6455, section 5.4) and decompresses them (RFC 7692).
///
/// It checks limits and UTF-8 as bytes arrive.
struct MessageAssembler {
    private enum Progress {
        case idle
        case assembling(MessageBatch.Kind, isCompressed: Bool)
    }

    private let limits: Limits
    private let decompressor: Decompressor?
    private var progress: Progress = .idle
    /// The payload of the current message so far.
    private var partial = ByteBuffer()
    private var validator = UTF8Validator()

    init(limits: Limits, decompressor: Decompressor?) {
        self.limits = limits
        self.decompressor = decompressor
    }

    /// Starts a data frame.
    ///
    /// - Throws: `ProtocolError` when the frame is out of sequence or would make its message too long.
    mutating func begin(_ header: FrameHeader) throws(ProtocolError) {
        // RSV1 on the first frame marks a compressed message (RFC 7692, section 6).
        let isCompressed = header.reservedBits != 0
        switch (progress, header.opcode) {
        case (.idle, .text): progress = .assembling(.text, isCompressed: isCompressed)
        case (.idle, .binary): progress = .assembling(.binary, isCompressed: isCompressed)
        case (.idle, _): throw .continuationWithoutMessage
        case (.assembling, .continuation): break
        case (.assembling, _): throw .messageInsideMessage(header.opcode)
        }
        if case .assembling(_, isCompressed: true) = progress {
            // The decompressed size is not known yet.
            try check(header, against: limits.compressedFrameSize)
            return
        }
        try check(header, against: limits.frameSize)
        guard header.payloadLength <= limits.messageSize - partial.readableBytes else {
            let (size, overflow) = partial.readableBytes.addingReportingOverflow(header.payloadLength)
            throw .messageTooLarge(size: overflow ? .max : size, limit: limits.messageSize)
        }
    }

    /// Unmasks and appends bytes of the current frame.
    ///
    /// - Throws: `ProtocolError` for bytes that are invalid or exceed a limit.
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

    /// Finishes the current frame and, if it is the last fragment, appends the message to `batch`.
    ///
    /// - Throws: `ProtocolError` when the message is incomplete or too long.
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

    /// Appends a message that arrived as one complete frame directly to `batch`, without copying it to `partial`.
    ///
    /// - Returns: false, with no effect, when the frame is a fragment or compressed, or is text that must be unmasked
    ///   first.
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
        // Check the output before reporting the failure, so that the reported violation does not depend on how the
        // bytes were split.
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
