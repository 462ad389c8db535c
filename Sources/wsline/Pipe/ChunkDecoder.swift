import NIOCore
import WebSocketProtocol

/// Decodes each chunk of a stream, as it is read, as a message. A text character split between chunks moves to the next
/// one.
struct ChunkDecoder: StreamDecoder {
    private let kind: MessageBatch.Kind
    private var unfinished = UnfinishedInput()
    private var bytesDecoded = 0

    /// Creates a decoder that makes text or binary messages.
    init(_ kind: MessageBatch.Kind) {
        self.kind = kind
    }

    mutating func decode(_ chunk: ByteBuffer) -> DecodedInput {
        guard kind == .text else { return message(chunk, chunk.readableBytes) }
        let bytes = unfinished.joined(with: chunk)
        let (end, invalid) = bytes.withUnsafeReadableBytes { raw in
            let invalid = UTF8Validator.firstInvalid(inText: raw)
            return (invalid.map { Self.lastBoundary(in: raw, upTo: $0) } ?? raw.count, invalid)
        }
        var input = message(bytes, end)
        if let invalid, invalid < bytes.readableBytes {
            input.error = .notUTF8(.whole, number: 1, byte: bytesDecoded - end + invalid + 1)
        }
        unfinished.keep(bytes, from: end)
        return input
    }

    mutating func finish() -> DecodedInput {
        guard unfinished.count > 0 else { return DecodedInput() }
        return DecodedInput(error: .notUTF8(.whole, number: 1, byte: bytesDecoded + unfinished.count + 1))
    }

    private mutating func message(_ bytes: ByteBuffer, _ count: Int) -> DecodedInput {
        bytesDecoded += count
        guard count > 0 else { return DecodedInput() }
        return DecodedInput(batch: MessageBatch(bytes: bytes, entries: [.init(kind, offset: 0, count: count)]))
    }

    /// Returns the end of the last complete character before the given offset, at which the text is invalid or ends.
    private static func lastBoundary(in raw: UnsafeRawBufferPointer, upTo end: Int) -> Int {
        var start = end
        while start > 0, raw[start - 1] & 0xC0 == 0x80 { start -= 1 }
        guard start > 0, raw[start - 1] >= 0xC0 else { return end }
        let last = UnsafeRawBufferPointer(rebasing: raw[start - 1..<end])
        return UTF8Validator.firstInvalid(inText: last) == nil ? end : start - 1
    }
}
