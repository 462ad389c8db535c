#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The source of masking keys: the system's random generator, asked for a block at a time.
///
/// A key must not be predictable from the ones before it (RFC 6455, section 10.3).
struct MaskingKeys {
    private var block: [UInt32] = []

    /// The most `getentropy` gives in one call, in keys.
    private static let keysPerCall = 64
    private static let callsPerBlock = 16

    /// Takes a key out of the block, which is filled anew when it is empty.
    mutating func next() -> MaskingKey {
        if block.isEmpty { refill() }
        return MaskingKey(memory: block.removeLast())
    }

    private mutating func refill() {
        let count = Self.keysPerCall * Self.callsPerBlock
        block = [UInt32](unsafeUninitializedCapacity: count) { keys, initializedCount in
            for call in 0..<Self.callsPerBlock {
                let part = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(keys)[call * 256..<(call + 1) * 256]
                )
                // A client without an unpredictable source must not go on (section 10.3).
                precondition(getentropy(part.baseAddress, part.count) == 0, "the system gave no random bytes")
            }
            initializedCount = count
        }
    }
}
