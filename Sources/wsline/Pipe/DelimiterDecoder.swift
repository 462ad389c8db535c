import CPOSIX
import NIOCore
import WebSocketProtocol

/// Splits a stream at a delimiter byte: a newline or NUL.
struct DelimiterDecoder: StreamDecoder {
    private let kind: MessageBatch.Kind
    private let delimiter: UInt8
    private var unfinished = UnfinishedInput()
    /// The number of unfinished bytes already searched for a delimiter.
    private var searched = 0
    private var messagesDecoded = 0

    /// Creates a decoder.
    ///
    /// - Parameters:
    ///   - kind: text or binary.
    ///   - delimiter: a byte below 0x80, which is never part of another UTF-8 character.
    init(_ kind: MessageBatch.Kind, delimiter: UInt8) {
        self.kind = kind
        self.delimiter = delimiter
    }

    mutating func decode(_ chunk: ByteBuffer) -> DecodedInput {
        let bytes = unfinished.joined(with: chunk)
        var entries: [MessageBatch.Entry] = []
        var end = 0
        bytes.withUnsafeReadableBytes { raw in
            entries.reserveCapacity(chunk.readableBytes / 32 + 1)
            var start = searched
            while start < raw.count, let found = find(in: raw, from: start) {
                entries.append(.init(kind, offset: end, count: found - end))
                end = found + 1
                start = end
            }
        }
        var result = check(MessageBatch(bytes: bytes, entries: entries), upTo: end)
        messagesDecoded += result.batch.entries.count
        searched = bytes.readableBytes - end
        unfinished.keep(bytes, from: end)
        if result.error == nil, searched > InputLimit.messageSize {
            result.error = .tooLong(unit, number: messagesDecoded + 1)
        }
        return result
    }

    mutating func finish() -> DecodedInput {
        guard unfinished.count > 0 else { return DecodedInput() }
        let last = MessageBatch.Entry(kind, offset: 0, count: unfinished.count)
        return check(MessageBatch(bytes: unfinished.bytes, entries: [last]), upTo: last.count)
    }

    private var unit: UnsendableInput.Unit { delimiter == 0 ? .message : .line }

    /// Checks all messages at once: all are valid UTF-8 if the buffer, delimiters included, is.
    private func check(_ batch: MessageBatch, upTo end: Int) -> DecodedInput {
        guard kind == .text else { return DecodedInput(batch: batch) }
        let invalid = batch.bytes.withUnsafeReadableBytes { raw in
            UTF8Validator.firstInvalid(inText: UnsafeRawBufferPointer(rebasing: raw[..<end]))
        }
        guard let invalid else { return DecodedInput(batch: batch) }
        let good = batch.entries.prefix { $0.offset + $0.count < invalid }
        let start = good.last.map { $0.offset + $0.count + 1 } ?? 0
        return DecodedInput(
            batch: MessageBatch(bytes: batch.bytes, entries: Array(good)),
            error: .notUTF8(unit, number: messagesDecoded + good.count + 1, byte: invalid - start + 1)
        )
    }

    private func find(in raw: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = raw.baseAddress, let found = memchr(base + start, Int32(delimiter), raw.count - start) else {
            return nil
        }
        return UnsafeRawPointer(found) - base
    }
}
