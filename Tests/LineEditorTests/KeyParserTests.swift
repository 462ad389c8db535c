import ProcessSupport
import Testing

@testable import LineEditor

@Suite(.fewAtATime) struct KeyParserTests {
    static let inputs: [(String, [Key])] = [
        ("aé漢😀", [.character("a"), .character("é"), .character("漢"), .character("😀")]),
        ("\u{1B}[A\u{1B}OB\u{1B}[1;5C\u{1B}[3;5~", [.up, .down, .wordRight, .deleteWord]),
        ("\u{1B}b", [.character("\u{1B}"), .character("b")]),
        ("\u{1B}\u{1B}[D", [.wordLeft]),
        ("\u{3}\u{1A}\u{1C}", [.interrupt, .suspend, .quit]),
        ("\u{16}\u{3}x", [.character("\u{16}"), .character("\u{3}"), .character("x")]),
        ("\u{1B}[200~a\r\n\u{1B}[Ab\u{1B}[201~c", [.paste(["a", "\n", "\u{1B}", "[", "A", "b"]), .character("c")]),
        ("\u{1B}[15~\u{1B}[[Bx", [.character("x")]),
        ("\u{85}x", [.character("x")]),
    ]

    @Test(arguments: inputs)
    func `keys are the same however the bytes are split`(_ input: String, _ expected: [Key]) {
        let bytes = Array(input.utf8)
        for cut in 0...bytes.count {
            var parser = KeyParser()
            let keys = parser.parse(bytes[..<cut]) + parser.parse(bytes[cut...])
            #expect(keys == expected, "cut after \(cut) bytes")
            #expect(!parser.isWaitingAfterEscape)
        }
    }

    @Test(
        arguments: [
            ([0xFF, 0x61], [Key.character("\u{FFFD}"), .character("a")]),
            ([0xE2, 0x82, 0x61], [.character("\u{FFFD}"), .character("a")]),
            ([0xC0, 0xAF], [.character("\u{FFFD}"), .character("\u{FFFD}")]),
        ] as [([UInt8], [Key])]
    )
    func `bytes that are not UTF-8 become replacement characters`(_ bytes: [UInt8], _ expected: [Key]) {
        var parser = KeyParser()
        #expect(parser.parse(bytes) == expected)
    }

    @Test(arguments: ["\u{1B}", "\u{1B}[", "\u{1B}O", "\u{1B}\u{1B}"])
    func `a single Escape is a key`(_ input: String) {
        var parser = KeyParser()
        #expect(parser.parse(input.utf8) == [])
        #expect(parser.isWaitingAfterEscape)
        #expect(parser.endOfEscape() == input.unicodeScalars.map { .character($0) })
        #expect(parser.parse("x".utf8) == [.character("x")])
    }
}
