import CZlib
import NIOCore

/// A type that decompresses the messages received by one side (RFC 7692, section 7.2.2), up to a size limit.
final class Decompressor {
    /// The reason why a message cannot be decompressed.
    enum Failure: Error {
        /// The data is not valid deflate.
        case corrupt
        /// The message is longer than the limit.
        case tooLarge
    }

    private let direction: DeflateParameters.Direction
    private var stream = z_stream()
    private var isOpen = false
    /// Whether the bytes so far end with a block that is marked as final.
    private var isAfterFinalBlock = false

    /// The number of bytes to reserve for output at a time.
    private static let step = 32 << 10

    /// Creates a decompressor, which allocates memory only when the first message is decompressed.
    init(_ direction: DeflateParameters.Direction) {
        self.direction = direction
    }

    deinit {
        if isOpen { inflateEnd(&stream) }
    }

    /// Decompresses part of a message.
    ///
    /// - Parameters:
    ///   - bytes: the next compressed bytes.
    ///   - output: the buffer to append to.
    ///   - limit: the maximum size of `output`, in bytes.
    /// - Throws: `Failure`.
    func decompress(_ bytes: ByteBuffer, to output: inout ByteBuffer, limit: Int) throws(Failure) {
        try open()
        let result: Result<Void, Failure> = bytes.withUnsafeReadableBytes { bytes in
            Result { () throws(Failure) in
                var rest = bytes
                while !rest.isEmpty {
                    // zlib counts in 32 bits.
                    let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(Int32.max)))
                    rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
                    stream.next_in = UnsafeMutableRawBufferPointer(mutating: part).baseAddress?
                        .assumingMemoryBound(to: UInt8.self)
                    stream.avail_in = UInt32(part.count)
                    try drain(to: &output, limit: limit)
                }
            }
        }
        try result.get()
    }

    /// Finishes a message.
    ///
    /// - Parameters:
    ///   - output: the buffer to append the last bytes to.
    ///   - limit: the maximum size of `output`, in bytes.
    /// - Throws: `Failure`.
    func finish(to output: inout ByteBuffer, limit: Int) throws(Failure) {
        // Some peers end a message with a final block and omit the empty block that should follow (section 7.2.1).
        if !isAfterFinalBlock {
            try decompress(ByteBuffer(bytes: Compressor.tail), to: &output, limit: limit)
            guard isBetweenBlocks else { throw .corrupt }
        }
        isAfterFinalBlock = false
        if !direction.keepsContext { inflateReset(&stream) }
    }

    /// Whether the message may end here. In zlib's `data_type`, 128 marks a block boundary; the low bits count the
    /// unused bits of the last byte.
    private var isBetweenBlocks: Bool { stream.data_type & 128 != 0 && stream.data_type & 7 == 0 }

    private func open() throws(Failure) {
        guard !isOpen else { return }
        // Always use the largest window: with a smaller one, it would depend on how the data is split into reads
        // whether zlib detects a reference beyond the window. (Besides, peers that use zlib announce 8 bits but use 9,
        // because zlib has no 8-bit window.)
        guard czlib_inflate_init_raw(&stream, 15) == Z_OK else { throw .corrupt }
        isOpen = true
    }

    /// Decompresses all pending input.
    private func drain(to output: inout ByteBuffer, limit: Int) throws(Failure) {
        isAfterFinalBlock = false
        while true {
            // Allow one byte more than the limit, to distinguish a message of exactly the limit from a longer one.
            let allowed = limit - output.readableBytes + (limit == .max ? 0 : 1)
            var status = Z_OK
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: min(Self.step, allowed)) { room in
                let space = min(room.count, allowed, Int(Int32.max))
                stream.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.avail_out = UInt32(space)
                status = inflate(&stream, Z_SYNC_FLUSH)
                return space - Int(stream.avail_out)
            }
            if output.readableBytes > limit { throw .tooLarge }
            switch status {
            case Z_OK where stream.avail_out == 0: continue
            case Z_OK, Z_BUF_ERROR: return
            case Z_STREAM_END:
                try beginAfterFinalBlock()
                if stream.avail_in == 0 {
                    isAfterFinalBlock = true
                    return
                }
            default: throw .corrupt
            }
        }
    }

    /// Continues after a block that is marked as final, and keeps the window (section 7.2.3.4).
    private func beginAfterFinalBlock() throws(Failure) {
        var window = [UInt8](repeating: 0, count: 32 << 10)
        var size: UInt32 = 0
        guard inflateGetDictionary(&stream, &window, &size) == Z_OK, inflateReset(&stream) == Z_OK,
            inflateSetDictionary(&stream, window, size) == Z_OK
        else { throw .corrupt }
    }
}
