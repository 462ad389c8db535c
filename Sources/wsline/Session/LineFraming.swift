import NIOCore
import WebSocketProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Cuts a stream of bytes into messages, one a line. A carriage return before the newline is part of the message.
struct LineFraming {
    /// Input that can't be a text message: its line, from 1, and the byte in that line, from 1.
    struct NotUTF8: Error, Equatable {
        let line: Int
        let byte: Int
    }

    private let kind: MessageBatch.Kind
    private var unfinished = ByteBuffer()
    /// How much of the unfinished line is known to have no newline.
    private var searched = 0
    private var linesCut = 0

    /// Creates a framing that makes text messages, or binary ones.
    init(binary: Bool) {
        kind = binary ? .binary : .text
    }

    /// Returns the lines that are complete now.
    ///
    /// - Parameter chunk: the bytes that follow those given before.
    /// - Returns: the messages, and what comes after them when it is not UTF-8: nothing can be cut then any more.
    mutating func cut(_ chunk: ByteBuffer) -> (batch: MessageBatch, error: NotUTF8?) {
        var bytes = chunk
        if unfinished.readableBytes > 0 {
            unfinished.writeImmutableBuffer(chunk)
            bytes = unfinished
        }
        var entries: [MessageBatch.Entry] = []
        var end = 0
        bytes.withUnsafeReadableBytes { raw in
            entries.reserveCapacity(chunk.readableBytes / 32 + 1)
            var start = searched
            while start < raw.count, let newline = Self.newline(in: raw, from: start) {
                entries.append(.init(kind, offset: end, count: newline - end))
                end = newline + 1
                start = end
            }
        }
        let batch = MessageBatch(bytes: bytes, entries: entries)
        let checked = check(batch, upTo: end)
        linesCut += checked.batch.entries.count
        keep(bytes, from: end)
        return checked
    }

    /// Returns the last line, when the stream did not end with a newline.
    mutating func finish() throws(NotUTF8) -> MessageBatch {
        var batch = MessageBatch()
        guard unfinished.readableBytes > 0 else { return batch }
        batch = MessageBatch(bytes: unfinished, entries: [.init(kind, offset: 0, count: unfinished.readableBytes)])
        let checked = check(batch, upTo: unfinished.readableBytes)
        if let error = checked.error { throw error }
        return checked.batch
    }

    private mutating func keep(_ bytes: ByteBuffer, from end: Int) {
        searched = bytes.readableBytes - end
        if end == 0 {
            unfinished = bytes
        } else {
            // Copied, so that the chunk's storage is free once its lines are sent.
            unfinished = ByteBuffer()
            if let rest = bytes.getSlice(at: bytes.readerIndex + end, length: searched) {
                unfinished.writeImmutableBuffer(rest)
            }
        }
    }

    /// Checks all lines at once: a newline is never part of a character, so lines are UTF-8 when their whole is.
    private func check(_ batch: MessageBatch, upTo end: Int) -> (batch: MessageBatch, error: NotUTF8?) {
        guard kind == .text else { return (batch, nil) }
        let invalid = batch.bytes.withUnsafeReadableBytes { raw -> Int? in
            var validator = UTF8Validator()
            let invalid = validator.firstInvalid(in: UnsafeRawBufferPointer(rebasing: raw[..<end]))
            return invalid ?? (validator.isComplete ? nil : end)
        }
        guard let invalid else { return (batch, nil) }
        let good = batch.entries.prefix { $0.offset + $0.count < invalid }
        let start = good.last.map { $0.offset + $0.count + 1 } ?? 0
        return (
            MessageBatch(bytes: batch.bytes, entries: Array(good)),
            NotUTF8(line: linesCut + good.count + 1, byte: invalid - start + 1)
        )
    }

    private static func newline(in raw: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = raw.baseAddress, let found = memchr(base + start, 0x0A, raw.count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
