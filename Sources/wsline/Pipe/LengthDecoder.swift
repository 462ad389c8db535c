import NIOCore
import WebSocketProtocol

/// Splits a stream in which each message follows its length: four bytes, big-endian.
struct LengthDecoder: StreamDecoder {
    private static let prefixSize = MemoryLayout<UInt32>.size

    private let kind: MessageBatch.Kind
    private var unfinished = UnfinishedInput()
    private var messagesDecoded = 0

    /// Creates a decoder that makes text or binary messages.
    init(_ kind: MessageBatch.Kind) {
        self.kind = kind
    }

    mutating func decode(_ chunk: ByteBuffer) -> DecodedInput {
        let bytes = unfinished.joined(with: chunk)
        var entries: [MessageBatch.Entry] = []
        var end = 0
        var error: UnsendableInput?
        while let length = Self.length(in: bytes, at: end) {
            let number = messagesDecoded + entries.count + 1
            guard length <= InputLimit.messageSize else {
                error = .announcedTooLong(number: number, announced: length)
                break
            }
            guard end + Self.prefixSize + length <= bytes.readableBytes else { break }
            let entry = MessageBatch.Entry(kind, offset: end + Self.prefixSize, count: length)
            if let byte = firstInvalidByte(of: entry, in: bytes) {
                error = .notUTF8(.message, number: number, byte: byte)
                break
            }
            entries.append(entry)
            end += Self.prefixSize + length
        }
        messagesDecoded += entries.count
        unfinished.keep(bytes, from: end)
        return DecodedInput(batch: MessageBatch(bytes: bytes, entries: entries), error: error)
    }

    mutating func finish() -> DecodedInput {
        guard unfinished.count > 0 else { return DecodedInput() }
        let announced = Self.length(in: unfinished.bytes, at: 0)
        let came = announced == nil ? unfinished.count : unfinished.count - Self.prefixSize
        return DecodedInput(error: .cutShort(number: messagesDecoded + 1, announced: announced, came: came))
    }

    private static func length(in bytes: ByteBuffer, at offset: Int) -> Int? {
        bytes.getInteger(at: bytes.readerIndex + offset, as: UInt32.self).map(Int.init)
    }

    private func firstInvalidByte(of entry: MessageBatch.Entry, in bytes: ByteBuffer) -> Int? {
        guard kind == .text else { return nil }
        let invalid = bytes.withUnsafeReadableBytes { raw in
            UTF8Validator.firstInvalid(
                inText: UnsafeRawBufferPointer(rebasing: raw[entry.offset..<entry.offset + entry.count])
            )
        }
        return invalid.map { $0 + 1 }
    }
}
