import CZlib
import NIOCore

/// Decompresses the messages that one side receives (RFC 7692, section 7.2.2), never further than it is allowed.
final class Decompressor {
    /// Why a message can't be decompressed.
    enum Failure: Error {
        /// It is not what a compressor makes.
        case corrupt
        /// It has more bytes than are allowed.
        case tooLarge
    }

    private let direction: DeflateParameters.Direction
    private var stream = z_stream()
    private var isOpen = false
    /// Whether the bytes so far end with a block that says it is the last.
    private var isAfterFinalBlock = false

    /// What is made room for at a time.
    private static let step = 32 << 10

    /// Creates a decompressor; memory is taken with the first message.
    init(_ direction: DeflateParameters.Direction) {
        self.direction = direction
    }

    deinit {
        if isOpen { inflateEnd(&stream) }
    }

    /// Decompresses bytes of a message.
    ///
    /// - Parameters:
    ///   - bytes: those that follow the bytes given before.
    ///   - output: what the result is appended to.
    ///   - limit: the most bytes that `output` may come to hold.
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

    /// Ends a message.
    ///
    /// - Parameters:
    ///   - output: what the last bytes are appended to.
    ///   - limit: the most bytes that `output` may come to hold.
    /// - Throws: `Failure`.
    func finish(to output: inout ByteBuffer, limit: Int) throws(Failure) {
        // Some peers end a message with a final block and leave the empty one out that should follow (section 7.2.1).
        if !isAfterFinalBlock {
            try decompress(ByteBuffer(bytes: Compressor.tail), to: &output, limit: limit)
            guard isBetweenBlocks else { throw .corrupt }
        }
        isAfterFinalBlock = false
        if !direction.keepsContext { inflateReset(&stream) }
    }

    /// Whether the message could end here: zlib says so with 128, and counts bits that are left of the last byte.
    private var isBetweenBlocks: Bool { stream.data_type & 128 != 0 && stream.data_type & 7 == 0 }

    private func open() throws(Failure) {
        guard !isOpen else { return }
        // The largest window, whatever was agreed: with a smaller one it depends on how the bytes were cut whether zlib
        // sees that a peer reaches back too far. (And peers on zlib say 8 and use 9, since it has no window of 8 bits.)
        guard czlib_inflate_init_raw(&stream, 15) == Z_OK else { throw .corrupt }
        isOpen = true
    }

    /// Decompresses all of the input that was set.
    private func drain(to output: inout ByteBuffer, limit: Int) throws(Failure) {
        isAfterFinalBlock = false
        while true {
            // One byte more than is allowed, so that a message of just the limit is told from a longer one.
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

    /// Goes on behind a block that says it is the last (section 7.2.3.4); the window stays.
    private func beginAfterFinalBlock() throws(Failure) {
        var window = [UInt8](repeating: 0, count: 32 << 10)
        var size: UInt32 = 0
        guard inflateGetDictionary(&stream, &window, &size) == Z_OK, inflateReset(&stream) == Z_OK,
            inflateSetDictionary(&stream, window, size) == Z_OK
        else { throw .corrupt }
    }
}
