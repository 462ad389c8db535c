import MessageText
import Testing

@Suite struct ExcerptTests {
    @Test("Short messages are shown in full")
    func short() {
        #expect(Excerpt.of("hello") == "hello")
        #expect(Excerpt.of("") == "\"\"")
        #expect(Excerpt.of([0xDE, 0xAD] as [UInt8]) == "hex dead")
    }

    @Test("Long messages are shown with their start and length")
    func long() {
        #expect(Excerpt.of(String(repeating: "a", count: 400)) == String(repeating: "a", count: 300) + "… (400 bytes)")
        let combined = "a" + String(repeating: "\u{301}", count: 100_000)
        #expect(combined.count == 1)
        #expect(Excerpt.of(combined).utf8.count < 1000)
        #expect(
            Excerpt.of([UInt8](repeating: 1, count: 100), from: 10) == "hex …" + String(repeating: "01", count: 75)
                + "… (100 bytes)"
        )
    }
}
