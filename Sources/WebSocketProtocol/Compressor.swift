import CZlib

/// Compresses the messages that one side sends (RFC 7692, section 7.2.1).
final class Compressor {
    private let direction: DeflateParameters.Direction
    private var stream = z_stream()
    private var isOpen = false
    /// Whether the next message may refer to one that the peer has decompressed.
    private var hasContext = false
    /// Where the last message's bytes were put.
    private var output: [UInt8] = []

    /// The shortest message that is worth trying by itself: shorter ones hardly ever get shorter.
    private static let shortestAlone = 64

    /// What every flush ends with, and no message does (section 7.2.1).
    static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    /// Creates a compressor; memory is taken with the first message.
    init(_ direction: DeflateParameters.Direction) {
        self.direction = direction
    }

    deinit {
        if isOpen { deflateEnd(&stream) }
    }

    /// Compresses a message.
    ///
    /// - Parameters:
    ///   - message: the whole message.
    ///   - body: gets the compressed payload, valid during the call; nil when the message is to be sent as it is, because
    ///     it would not get shorter.
    /// - Returns: what `body` returns.
    func compress<Result>(_ message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        // zlib has no raw deflate with a window of 256 bytes: it would use 512 and break what was agreed.
        guard direction.windowBits > 8, !message.isEmpty, hasContext || message.count >= Self.shortestAlone, open()
        else {
            return body(nil)
        }
        let size = deflateWhole(message).flatMap { $0 < message.count ? $0 : nil }
        // What the peer does not get compressed, the next message must not refer to.
        hasContext = size != nil && direction.keepsContext
        if !hasContext { deflateReset(&stream) }
        guard let size else { return body(nil) }
        return output.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<size])) }
    }

    /// The fastest: through a pipe, time is worth more than the last part of the size.
    private static let level = Z_BEST_SPEED

    private func open() -> Bool {
        if !isOpen { isOpen = czlib_deflate_init_raw(&stream, Self.level, Int32(direction.windowBits)) == Z_OK }
        return isOpen
    }

    /// Returns the compressed size without the tail, or nil when it would not fit into the message's own.
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
