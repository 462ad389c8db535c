import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct MaskingKeysTests {
    private static let count = 10_000

    private func drawKeys() -> [UInt32] {
        var source = MaskingKeys()
        return (0..<Self.count).map { _ in source.next().memory }
    }

    @Test func `keys rarely repeat`() {
        // On average 0.01 pairs of 10,000 keys are equal; four would indicate a broken generator.
        #expect(Set(drawKeys()).count > Self.count - 4)
    }

    @Test func `each bit of the keys is set about half of the time`() {
        let keys = drawKeys()
        for bit in 0..<32 {
            let set = keys.count { $0 >> bit & 1 == 1 }
            // The range is eight standard deviations of 50 to either side.
            #expect((4600...5400).contains(set), "bit \(bit) is set in \(set) of \(Self.count)")
        }
    }

    @Test func `a key is not predictable from the previous one`() {
        let keys = drawKeys()
        let differences = zip(keys, keys.dropFirst()).map { $1 &- $0 }
        #expect(Set(differences).count > Self.count - 5)
    }

    @Test func `two generators produce different keys`() {
        let both = drawKeys() + drawKeys()
        #expect(Set(both).count > 2 * Self.count - 6)
    }
}
