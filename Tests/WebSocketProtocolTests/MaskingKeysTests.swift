import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct MaskingKeysTests {
    private static let count = 10_000

    private func drawKeys() -> [UInt32] {
        var source = MaskingKeys()
        return (0..<Self.count).map { _ in source.next().memory }
    }

    @Test func `keys hardly ever repeat`() {
        // 10,000 of 2³² keys have 0.01 pairs among them on average: four would be a broken source.
        #expect(Set(drawKeys()).count > Self.count - 4)
    }

    @Test func `every bit of the keys is set about half of the time`() {
        let keys = drawKeys()
        for bit in 0..<32 {
            let set = keys.count { $0 >> bit & 1 == 1 }
            // Eight standard deviations of 50 either side.
            #expect((4600...5400).contains(set), "bit \(bit) is set in \(set) of \(Self.count)")
        }
    }

    @Test func `a key does not follow from the one before it`() {
        let keys = drawKeys()
        let differences = zip(keys, keys.dropFirst()).map { $1 &- $0 }
        #expect(Set(differences).count > Self.count - 5)
    }

    @Test func `two sources have different keys`() {
        let both = drawKeys() + drawKeys()
        #expect(Set(both).count > 2 * Self.count - 6)
    }
}
