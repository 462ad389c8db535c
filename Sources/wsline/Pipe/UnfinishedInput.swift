import NIOCore

/// The end of a stream so far, which no complete message has been cut from yet.
struct UnfinishedInput {
    private(set) var bytes = ByteBuffer()

    var count: Int { bytes.readableBytes }

    /// Returns the unfinished bytes with those that follow them.
    mutating func joined(with chunk: ByteBuffer) -> ByteBuffer {
        guard count > 0 else { return chunk }
        bytes.writeImmutableBuffer(chunk)
        return bytes
    }

    /// Keeps what `joined` returned, from an offset on.
    mutating func keep(_ joined: ByteBuffer, from offset: Int) {
        guard offset > 0 else {
            bytes = joined
            return
        }
        // Copied, so that the storage is free once the messages in it are sent.
        bytes = ByteBuffer()
        let rest = joined.getSlice(at: joined.readerIndex + offset, length: joined.readableBytes - offset)
        if let rest, rest.readableBytes > 0 { bytes.writeImmutableBuffer(rest) }
    }
}
