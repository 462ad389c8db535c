import CPOSIX

/// A generator of masking keys, which reads the system's random number generator a block at a time.
///
/// A key must not be predictable from earlier keys (RFC 6455, section 10.3).
struct MaskingKeys {
    private var block: [UInt32] = []

    /// The number of keys in 256 bytes, the maximum that `getentropy` returns per call.
    private static let keysPerCall = 64
    private static let callsPerBlock = 16

    /// Returns the next key, reading a new block when the current one is used up.
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
                // Without unpredictable keys a client must not continue (section 10.3).
                precondition(getentropy(part.baseAddress, part.count) == 0, "the system gave no random bytes")
            }
            initializedCount = count
        }
    }
}
