import MessageText
import Testing

@Suite struct ExcerptTests {
    @Test("Short messages are shown in full")
    func short() {
        #expect(Excerpt.of("hello") == "hello")
        #expect(Excerpt.of("") == "\"\"")
        #expect(Excerpt.of([0xDE, 0xAD] as [UInt8]) == "hex dead")
    }

    @Test(
        "Readable bytes are also shown as text",
        arguments: [
            ("PING\r\n", #"hex 50494e470d0a = "PING\r\n""#), ("für", #"hex 66c3bc72 = "für""#), ("ä", "hex c3a4"),
            ("a\0", "hex 6100"),
            ("\u{1B}[m", "hex 1b5b6d"), ("", "hex "),
        ]
    )
    func readable(text: String, shown: String) {
        #expect(Excerpt.of(Array(text.utf8)) == shown)
    }

    @Test("Bytes that end within a character are still readable")
    func cut() {
        let text = String(repeating: "abä", count: 50)
        #expect(Excerpt.of(Array(("a" + text).utf8)).hasSuffix("abäab…\""))
        #expect(Excerpt.of([0xC3] as [UInt8]) == "hex c3")
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
