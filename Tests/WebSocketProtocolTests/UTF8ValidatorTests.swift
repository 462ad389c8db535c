import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct UTF8ValidatorTests {
    /// Validates the text in pieces; the index is that in the whole text.
    private func firstInvalid(in pieces: [ArraySlice<UInt8>]) -> (index: Int?, isComplete: Bool) {
        var validator = UTF8Validator()
        var checked = 0
        for piece in pieces {
            if let index = piece.withUnsafeBytes({ validator.firstInvalid(in: $0) }) {
                return (checked + index, false)
            }
            checked += piece.count
        }
        return (nil, validator.isComplete)
    }

    private func isValid(_ bytes: [UInt8]) -> Bool {
        firstInvalid(in: [bytes[...]]) == (nil, true)
    }

    @Test(arguments: [
        "", "a", "\u{0}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFF}", "\u{1000}", "\u{CFFF}", "\u{D7FF}",
        "\u{E000}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}", "\u{10000}", "\u{3FFFF}", "\u{40000}", "\u{FFFFF}",
        "\u{100000}", "\u{10FFFF}", "Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "👩‍👩‍👧", "seven b", "eight by", "nine byte",
        String(repeating: "x", count: 31) + "é", String(repeating: "x", count: 32) + "é",
        String(repeating: "x", count: 63) + "€" + String(repeating: "y", count: 40) + "😀",
    ])
    func `valid text is accepted however it is split`(text: String) {
        for pieces in cuts(of: Array(text.utf8)) {
            #expect(firstInvalid(in: pieces) == (nil, true), "cut into \(pieces.map(\.count))")
        }
    }

    private static let invalid: [(name: String, bytes: [UInt8], index: Int)] = [
        ("a lone continuation byte", [0x80], 0),
        ("a lone last continuation byte", [0x61, 0xBF], 1),
        ("a continuation byte too many", [0xC3, 0xA9, 0xA9], 2),
        ("an overlong slash in two bytes", [0xC0, 0xAF], 0),
        ("the largest overlong form of two bytes", [0xC1, 0xBF], 0),
        ("an overlong slash in three bytes", [0xE0, 0x80, 0xAF], 1),
        ("the largest overlong form of three bytes", [0xE0, 0x9F, 0xBF], 1),
        ("an overlong slash in four bytes", [0xF0, 0x80, 0x80, 0xAF], 1),
        ("the largest overlong form of four bytes", [0xF0, 0x8F, 0xBF, 0xBF], 1),
        ("the first surrogate", [0xED, 0xA0, 0x80], 1),
        ("the last surrogate", [0xED, 0xBF, 0xBF], 1),
        ("a pair of surrogates", [0x61, 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], 2),
        ("the code point after the last", [0xF4, 0x90, 0x80, 0x80], 1),
        ("a lead byte beyond the last plane", [0xF5, 0x80, 0x80, 0x80], 0),
        ("a lead byte of five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80], 0),
        ("a lead byte of six bytes", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], 0),
        ("the byte FE", [0x61, 0x62, 0xFE], 2),
        ("the byte FF", [0xFF], 0),
        ("two bytes cut by ASCII", [0xC3, 0x28], 1),
        ("three bytes cut by ASCII", [0xE2, 0x82, 0x28], 2),
        ("four bytes cut by ASCII", [0xF0, 0x9F, 0x98, 0x28], 3),
        ("three bytes cut by a lead byte", [0xE2, 0x82, 0xE2, 0x82, 0xAC], 2),
        ("a narrowed range that must not stay", [0xE0, 0xA0, 0x80, 0xF4, 0x8F, 0xBF, 0xC0], 6),
        ("a bad byte after 32 good ones", [UInt8](repeating: 0x61, count: 32) + [0x80], 32),
        ("a bad byte within 32 good ones", Array("aaaaaaaaaaaaaaaaa".utf8) + [0xFF] + Array("aaaaaaaaaaaaaa".utf8), 17),
        ("a bad byte within 8 good ones", [UInt8](repeating: 0x61, count: 37) + [0xC0] + Array("aaaaaa".utf8), 37),
        ("Autobahn's 6.3.1", Array("κ\u{1F79}σμε".utf8) + [0xED, 0xA0, 0x80] + Array("edited".utf8), 12),
    ]

    @Test(arguments: invalid)
    func `the first invalid byte is found however the text is split`(name: String, bytes: [UInt8], index: Int) {
        for pieces in cuts(of: bytes) {
            #expect(firstInvalid(in: pieces).index == index, "cut into \(pieces.map(\.count))")
        }
    }

    @Test(arguments: ["é", "€", "\u{800}", "\u{D7FF}", "😀", "\u{10FFFF}"])
    func `text that ends inside a character is incomplete`(character: String) {
        for prefix in ["", "a", "€", String(repeating: "x", count: 40)] {
            let bytes = Array((prefix + character).utf8)
            for count in prefix.utf8.count + 1..<bytes.count {
                let checked = firstInvalid(in: [bytes[..<count]])
                #expect(checked == (nil, false), "\(count) of \(bytes.count) bytes")
            }
        }
    }

    @Test func `every pair of bytes is validated like the standard library`() {
        for first in UInt8.min ... .max {
            for second in UInt8.min ... .max {
                let bytes = [first, second]
                if isValid(bytes) != (String(validating: bytes, as: UTF8.self) != nil) {
                    Issue.record("\(bytes)")
                }
            }
        }
    }

    @Test func `longer sequences at every boundary are validated like the standard library`() {
        let borders: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xF0, 0xFF]
        for lead in UInt8(0xC0)...0xFF {
            for second in borders {
                for third in borders {
                    for bytes in [[lead, second, third]] + borders.map({ [lead, second, third, $0] })
                    where isValid(bytes) != (String(validating: bytes, as: UTF8.self) != nil) {
                        Issue.record("\(bytes)")
                    }
                }
            }
        }
    }

    @Test func `code points of every plane are valid`() {
        let values = Array(0...0x3000) + Array(stride(from: 0x3000, through: 0x10FFFF, by: 61))
        let text = String(String.UnicodeScalarView(values.compactMap { Unicode.Scalar(UInt32($0)) }))
        #expect(isValid(Array(text.utf8)))
        #expect(text.utf8.count > 60_000)
    }
}
