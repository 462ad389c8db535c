import CZlib

/// A type that compresses the messages sent by one side (RFC 7692, section 7.2.1).
final class Compressor {
    private let direction: DeflateParameters.Direction
    private var stream = z_stream()
    private var isOpen = false
    /// Whether the next message may refer to data of a message that the peer has decompressed.
    private var hasContext = false
    /// The buffer for the compressed payload, reused for each message.
    private var output: [UInt8] = []

    /// The minimum size of a message to compress without context, in bytes; shorter messages rarely shrink.
    private static let shortestAlone = 64

    /// The bytes that end each zlib flush and are removed from the message (section 7.2.1).
    static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    /// Creates a compressor, which allocates memory only when the first message is compressed.
    init(_ direction: DeflateParameters.Direction) {
        self.direction = direction
    }

    deinit {
        if isOpen { deflateEnd(&stream) }
    }

    /// Compresses a message.
    ///
    /// - Parameters:
    ///   - message: the complete message.
    ///   - body: receives the compressed payload, valid during the call; nil when the message should be sent
    ///     uncompressed, because compression would not make it shorter.
    /// - Returns: the result of `body`.
    func compress<Result>(_ message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        // zlib does not support raw deflate with a window of 256 bytes: it would use 512 and violate the agreement.
        guard direction.windowBits > 8, !message.isEmpty, hasContext || message.count >= Self.shortestAlone, open()
        else {
            return body(nil)
        }
        let size = deflateWhole(message).flatMap { $0 < message.count ? $0 : nil }
        // The next message must not refer to data that is sent uncompressed.
        hasContext = size != nil && direction.keepsContext
        if !hasContext { deflateReset(&stream) }
        guard let size else { return body(nil) }
        return output.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<size])) }
    }

    /// The fastest level, because throughput matters more than the last few percent of size.
    private static let level = Z_BEST_SPEED

    private func open() -> Bool {
        if !isOpen { isOpen = czlib_deflate_init_raw(&stream, Self.level, Int32(direction.windowBits)) == Z_OK }
        return isOpen
    }

    /// Returns the compressed size without the tail; nil when it would exceed the size of the message.
    private func deflateWhole(_ message: UnsafeRawBufferPointer) -> Int? {
        let room = message.count + Self.tail.count
        if output.count < room { output = [UInt8](repeating: 0, count: room) }
        var rest = message
        var written = 0
        return output.withUnsafeMutableBytes { output -> Int? in
            repeat {
                // zlib counts in 32 bits.
                let part = rest.prefix(Int(Int32.max))
                rest = UnsafeRawBufferPointer(rebasing: rest[part.endIndex...])
                let space = output[written...].prefix(Int(Int32.max))
                stream.next_in = UnsafeMutableRawBufferPointer(mutating: UnsafeRawBufferPointer(rebasing: part))
                    .baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.avail_in = UInt32(part.count)
                stream.next_out = UnsafeMutableRawBufferPointer(rebasing: space).baseAddress?
                    .assumingMemoryBound(to: UInt8.self)
                stream.avail_out = UInt32(space.count)
                let status = deflate(&stream, rest.isEmpty ? Z_SYNC_FLUSH : Z_NO_FLUSH)
                written += space.count - Int(stream.avail_out)
                guard status == Z_OK, stream.avail_in == 0, stream.avail_out > 0 else { return nil }
            } while !rest.isEmpty
            return written - Self.tail.count
        }
    }
}
