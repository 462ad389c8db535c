import NIOCore

/// The bytes at the end of a stream that do not yet form a complete message.
struct UnfinishedInput {
    private(set) var bytes = ByteBuffer()

    var count: Int { bytes.readableBytes }

    /// Returns the unfinished bytes followed by a chunk.
    mutating func joined(with chunk: ByteBuffer) -> ByteBuffer {
        guard count > 0 else { return chunk }
        bytes.writeImmutableBuffer(chunk)
        return bytes
    }

    /// Keeps the bytes that `joined` returned, from an offset on.
    mutating func keep(_ joined: ByteBuffer, from offset: Int) {
        guard offset > 0 else {
            bytes = joined
            return
        }
        // Copy the rest, so that the storage is freed once the messages in it are sent.
        bytes = ByteBuffer()
        let rest = joined.getSlice(at: joined.readerIndex + offset, length: joined.readableBytes - offset)
        if let rest, rest.readableBytes > 0 { bytes.writeImmutableBuffer(rest) }
    }
}
