import NIOCore

/// Puts the fragments of a message together (RFC 6455, section 5.4), checking limits and UTF-8 as the bytes come.
struct MessageAssembler {
    private enum Progress {
        case idle
        case assembling(MessageBatch.Kind)
    }

    private let limits: Limits
    private var progress: Progress = .idle
    /// What has come of the message under way, and of its UTF-8.
    private var partial = ByteBuffer()
    private var validator = UTF8Validator()

    init(limits: Limits) {
        self.limits = limits
    }

    /// Takes the header of a data frame.
    ///
    /// - Throws: `ProtocolError` when the frame may not come now, or would make its message too long.
    mutating func begin(_ header: FrameHeader) throws(ProtocolError) {
        switch (progress, header.opcode) {
        case (.idle, .text): progress = .assembling(.text)
        case (.idle, .binary): progress = .assembling(.binary)
        case (.idle, _): throw .continuationWithoutMessage
        case (.assembling, .continuation): break
        case (.assembling, _): throw .messageInsideMessage(header.opcode)
        }
        guard header.payloadLength <= limits.frameSize else {
            throw .frameTooLarge(size: UInt64(header.payloadLength), limit: limits.frameSize)
        }
        guard header.payloadLength <= limits.messageSize - partial.readableBytes else {
            let (size, overflow) = partial.readableBytes.addingReportingOverflow(header.payloadLength)
            throw .messageTooLarge(size: overflow ? .max : size, limit: limits.messageSize)
        }
    }

    /// Takes bytes of the frame that was begun, unmasking them.
    ///
    /// - Throws: `ProtocolError.textNotUTF8` at the first byte that cannot be.
    mutating func append(_ bytes: UnsafeRawBufferPointer, key: MaskingKey?) throws(ProtocolError) {
        let start = partial.readableBytes
        partial.write(bytes, unmaskedWith: key)
        guard case .assembling(.text) = progress else { return }
        let invalid = partial.withUnsafeReadableBytes {
            validator.firstInvalid(in: UnsafeRawBufferPointer(rebasing: $0[start...]))
        }
        if let invalid { throw .textNotUTF8(offset: start + invalid) }
    }

    /// Ends the frame; the last of its message appends the message to the batch.
    ///
    /// - Throws: `ProtocolError.textNotUTF8` when the message ends inside a character.
    mutating func finish(isFinal: Bool, into batch: inout MessageBatch) throws(ProtocolError) {
        guard isFinal, case .assembling(let kind) = progress else { return }
        guard validator.isComplete else { throw .textNotUTF8(offset: partial.readableBytes) }
        var message = ByteBuffer()
        swap(&message, &partial)
        batch.append(kind, takingOver: message)
        progress = .idle
    }

    /// Takes a message that came as one frame and whole: straight to the batch, without the way through `partial`.
    ///
    /// - Returns: false when the frame is a fragment, so that it must go the long way.
    mutating func takeWhole(
        _ header: FrameHeader,
        _ payload: UnsafeRawBufferPointer,
        into batch: inout MessageBatch
    ) throws(ProtocolError) -> Bool {
        guard header.isFinal, case .assembling(let kind) = progress, header.opcode != .continuation else {
            return false
        }
        progress = .idle
        guard kind == .text else {
            batch.append(kind, payload, unmaskedWith: header.maskingKey)
            return true
        }
        // Unmasked text is checked before it is copied; masked text has to be unmasked first.
        guard header.maskingKey == nil else {
            progress = .assembling(kind)
            try append(payload, key: header.maskingKey)
            try finish(isFinal: true, into: &batch)
            return true
        }
        if let invalid = validator.firstInvalid(in: payload) { throw .textNotUTF8(offset: invalid) }
        guard validator.isComplete else { throw .textNotUTF8(offset: payload.count) }
        batch.append(kind, payload, unmaskedWith: nil)
        return true
    }
}
