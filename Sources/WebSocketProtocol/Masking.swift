/// A masking key: the four bytes that a client XORs a payload with (RFC 6455, section 5.3).
public struct MaskingKey: Equatable, Sendable {
    /// The bytes in memory order, the first at the lowest address.
    let memory: UInt32

    init(memory: UInt32) {
        self.memory = memory
    }

    /// Creates a key from its bytes in wire order.
    public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        let bigEndian = UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth)
        memory = bigEndian.bigEndian
    }

    /// Returns the key rotated for the rest of a payload, after its first `count` bytes.
    func advanced(by count: Int) -> MaskingKey {
        let bits = UInt32(count & 3) * 8
        guard bits != 0 else { return self }
        let key = memory.littleEndian
        return MaskingKey(memory: (key >> bits | key << (32 - bits)).littleEndian)
    }

    /// Copies bytes and XORs them with the key, which both masks and unmasks.
    ///
    /// - Parameters:
    ///   - source: the bytes to copy.
    ///   - destination: memory for as many bytes; may be the same as `source`.
    func apply(from source: UnsafeRawBufferPointer, to destination: UnsafeMutableRawPointer) {
        let count = source.count
        var index = 0
        let wide = SIMD8<UInt32>(repeating: memory)
        while index &+ 32 <= count {
            let block = source.loadUnaligned(fromByteOffset: index, as: SIMD8<UInt32>.self)
            destination.storeBytes(of: block ^ wide, toByteOffset: index, as: SIMD8<UInt32>.self)
            index &+= 32
        }
        let double = UInt64(memory) | UInt64(memory) << 32
        while index &+ 8 <= count {
            let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            destination.storeBytes(of: word ^ double, toByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        // The blocks above are multiples of the key's length, so the rest starts with the first byte of the key.
        var key = memory.littleEndian
        while index < count {
            let byte = source[index] ^ UInt8(truncatingIfNeeded: key)
            destination.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            key = key >> 8 | key << 24
            index &+= 1
        }
    }
}
