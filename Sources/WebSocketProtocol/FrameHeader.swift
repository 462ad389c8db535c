/// The header of a frame: the 2 to 14 bytes before its payload (RFC 6455, section 5.2).
///
///     FIN RSV1–3 opcode │ MASK length(7) │ length(16 or 64, when the 7 bits are 126 or 127) │ masking key(32, when MASK)
public struct FrameHeader: Equatable, Sendable {
    /// FIN: whether the frame is the last fragment of its message.
    public var isFinal: Bool
    /// RSV1, RSV2 and RSV3 as bits 2, 1 and 0.
    public var reservedBits: UInt8
    /// The type of the frame.
    public var opcode: Opcode
    /// The masking key of the payload; nil for an unmasked frame.
    public var maskingKey: MaskingKey?
    /// The length of the payload, in bytes.
    public var payloadLength: Int

    /// RSV1 in `reservedBits`: the message is compressed (RFC 7692, section 6).
    public static let rsv1: UInt8 = 4
    /// The maximum size of a header, in bytes.
    public static let maximumSize = 14

    /// Creates a header.
    ///
    /// - Parameters:
    ///   - opcode: the type of the frame.
    ///   - payloadLength: the length of the payload in bytes, not negative.
    ///   - isFinal: whether the frame is the last fragment of its message.
    ///   - reservedBits: RSV1, RSV2 and RSV3 as bits 2, 1 and 0.
    ///   - maskingKey: the masking key of the payload; nil for an unmasked frame.
    public init(
        opcode: Opcode,
        payloadLength: Int,
        isFinal: Bool = true,
        reservedBits: UInt8 = 0,
        maskingKey: MaskingKey? = nil
    ) {
        self.isFinal = isFinal
        self.reservedBits = reservedBits
        self.opcode = opcode
        self.maskingKey = maskingKey
        self.payloadLength = payloadLength
    }

    /// The size of the header, in bytes.
    public var size: Int {
        let extended = payloadLength <= 125 ? 0 : payloadLength <= 0xFFFF ? 2 : 8
        return 2 + extended + (maskingKey == nil ? 0 : 4)
    }

    /// Parses a header at the start of received bytes.
    ///
    /// Violations in the first two bytes are reported before the rest has arrived.
    ///
    /// - Parameter bytes: the bytes received so far, starting with the first byte of the header.
    /// - Returns: the header and its size; nil when more bytes are needed.
    /// - Throws: `ProtocolError` for a violation within the header.
    static func parse(_ bytes: UnsafeRawBufferPointer) throws(ProtocolError) -> (header: FrameHeader, size: Int)? {
        guard bytes.count >= 2 else { return nil }
        let first = bytes[0]
        let second = bytes[1]
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .reservedOpcode(first & 0x0F) }
        let isFinal = first & 0x80 != 0
        let shortLength = Int(second & 0x7F)
        if opcode.isControl {
            guard isFinal else { throw .fragmentedControlFrame(opcode) }
            guard shortLength <= 125 else { throw .controlFrameTooLong(opcode) }
        }

        let isMasked = second & 0x80 != 0
        let lengthSize = shortLength < 126 ? 0 : shortLength == 126 ? 2 : 8
        let size = 2 + lengthSize + (isMasked ? 4 : 0)
        // Check the length as soon as it has arrived, without waiting for the masking key.
        guard bytes.count >= 2 + lengthSize else { return nil }
        var length = UInt64(shortLength)
        if lengthSize == 2 {
            length = UInt64(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            guard length > 125 else { throw .lengthNotMinimal(length) }
        } else if lengthSize == 8 {
            length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            guard length > 0xFFFF else { throw .lengthNotMinimal(length) }
        }
        guard let payloadLength = Int(exactly: length) else { throw .lengthTopBitSet }

        guard bytes.count >= size else { return nil }
        let key =
            isMasked
            ? MaskingKey(memory: bytes.loadUnaligned(fromByteOffset: 2 + lengthSize, as: UInt32.self)) : nil
        let header = FrameHeader(
            opcode: opcode,
            payloadLength: payloadLength,
            isFinal: isFinal,
            reservedBits: (first >> 4) & 0x07,
            maskingKey: key
        )
        return (header, size)
    }

    /// Writes the header, with the length in its shortest form.
    ///
    /// - Parameter destination: memory for at least `size` bytes.
    /// - Returns: the number of bytes written, which is `size`.
    @discardableResult
    func write(to destination: UnsafeMutableRawPointer) -> Int {
        let first = (isFinal ? 0x80 : 0) | reservedBits << 4 | opcode.rawValue
        let maskBit: UInt8 = maskingKey == nil ? 0 : 0x80
        destination.storeBytes(of: first, as: UInt8.self)
        var size = 2
        if payloadLength <= 125 {
            destination.storeBytes(of: maskBit | UInt8(payloadLength), toByteOffset: 1, as: UInt8.self)
        } else if payloadLength <= 0xFFFF {
            destination.storeBytes(of: maskBit | 126, toByteOffset: 1, as: UInt8.self)
            destination.storeBytes(of: UInt16(payloadLength).bigEndian, toByteOffset: 2, as: UInt16.self)
            size += 2
        } else {
            destination.storeBytes(of: maskBit | 127, toByteOffset: 1, as: UInt8.self)
            destination.storeBytes(of: UInt64(payloadLength).bigEndian, toByteOffset: 2, as: UInt64.self)
            size += 8
        }
        if let maskingKey {
            destination.storeBytes(of: maskingKey.memory, toByteOffset: size, as: UInt32.self)
            size += 4
        }
        return size
    }
}

/// The direction of a frame.
public enum FrameDirection: Sendable {
    case sent, received
}
