import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct MaskingTests {
    private let bytes: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    private let key = MaskingKey(0x37, 0xFA, 0x21, 0x3D)

    /// Masks a copy that is `shift` bytes off its alignment, and checks that the bytes around it do not change.
    private func mask(_ payload: [UInt8], with key: MaskingKey, shift: Int = 0) -> [UInt8] {
        let source = [UInt8](repeating: 0xAA, count: shift) + payload
        var destination = [UInt8](repeating: 0xEE, count: payload.count + 3 + 40)
        source.withUnsafeBytes { source in
            destination.withUnsafeMutableBytes { destination in
                guard let base = destination.baseAddress else { return }
                key.apply(from: UnsafeRawBufferPointer(rebasing: source[shift...]), to: base + 3)
            }
        }
        #expect(destination.prefix(3) == [0xEE, 0xEE, 0xEE])
        #expect(destination.dropFirst(3 + payload.count).allSatisfy { $0 == 0xEE })
        return Array(destination[3..<3 + payload.count])
    }

    @Test func `masking Hello produces the example in section 5_7`() {
        #expect(mask(Array("Hello".utf8), with: key) == [0x7F, 0x9F, 0x4D, 0x51, 0x58])
        #expect(mask([0x7F, 0x9F, 0x4D, 0x51, 0x58], with: key) == Array("Hello".utf8))
    }

    @Test(arguments: 0...3)
    func `payloads of any length are masked as section 5_3 specifies`(shift: Int) {
        for count in Array(0...140) + [255, 256, 257, 1000, 4096 + 31] {
            let payload = binary(byteCount: count)
            #expect(mask(payload, with: key, shift: shift) == xor(payload, bytes), "\(count) bytes")
        }
    }

    @Test func `bytes are masked in place`() {
        for count in 0...100 {
            let payload = binary(byteCount: count)
            var inPlace = payload
            inPlace.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                key.apply(from: UnsafeRawBufferPointer(buffer), to: base)
            }
            #expect(inPlace == xor(payload, bytes))
        }
    }

    @Test func `masking continues across the parts of a payload`() {
        let payload = binary(byteCount: 75)
        for cut in payload.indices {
            let first = mask(Array(payload[..<cut]), with: key)
            let second = mask(Array(payload[cut...]), with: key.advanced(by: cut))
            #expect(first + second == xor(payload, bytes), "cut at \(cut)")
        }
    }

    @Test(arguments: [
        (0, MaskingKey(1, 2, 3, 4)), (1, MaskingKey(2, 3, 4, 1)), (2, MaskingKey(3, 4, 1, 2)),
        (3, MaskingKey(4, 1, 2, 3)), (4, MaskingKey(1, 2, 3, 4)), (65537, MaskingKey(2, 3, 4, 1)),
        (.max, MaskingKey(4, 1, 2, 3)),
    ])
    func `advancing a key rotates it to the given offset`(count: Int, expected: MaskingKey) {
        #expect(MaskingKey(1, 2, 3, 4).advanced(by: count) == expected)
    }

    @Test func `a key of zeros changes nothing`() {
        let payload = binary(byteCount: 70)
        #expect(mask(payload, with: MaskingKey(0, 0, 0, 0)) == payload)
    }
}
