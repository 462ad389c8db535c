import ProcessSupport
import Testing

@testable import LineEditor

@Suite(.fewAtATime) struct LineLayoutTests {
    /// Returns the rows in which a text is displayed.
    private func rows(_ text: String, prompt: String = "", columns: Int = 10) -> [String] {
        let cells = Cells(prompt: prompt, text: Array(text.unicodeScalars))
        return LineLayout(cells.cells[...], columns: columns).rows.map { row in
            row.cells.map { String(decoding: cells.bytes(of: $0), as: UTF8.self) }.joined()
        }
    }

    init() {
        Width.prepare()
    }

    @Test(arguments: [
        ("", [""]),
        ("012345678", ["012345678"]),
        ("0123456789", ["0123456789", ""]),
        ("0123456789a", ["0123456789", "a"]),
        ("012345678漢", ["012345678", "漢"]),
        ("a\nb\n", ["a", "b", ""]),
        ("0123456789\na", ["0123456789", "a"]),
        ("a\tb", ["a    b"]),
        ("\u{1}\u{7F}", ["^A^?"]),
        ("a\u{202E}bc", ["a\\u{202e}b", "c"]),
        ("\u{9B}", ["\\u{9b}"]),
        ("\u{301}a", ["\\u{301}a"]),
        ("012345678e\u{301}x", ["012345678e\u{301}", "x"]),
        // Characters whose width is uncertain are kept away from the edge.
        ("0123456👍🏽x", ["0123456", "👍🏽x"]),
    ])
    func `text is split into rows`(_ text: String, _ expected: [String]) {
        #expect(rows(text) == expected)
    }

    @Test(arguments: [
        ("👍", 2), ("👍🏽", 4), ("👨‍👩‍👧", 6), ("👩🏽‍🚀", 6), ("❤️", 2), ("1️⃣", 2), ("🇩🇪", 2), ("e\u{301}", 1), ("漢", 2),
    ])
    func `a character has room for all its parts, for a terminal may draw them side by side`(text: String, columns: Int)
    {
        let cells = Cells(prompt: "", text: Array(text.unicodeScalars)).cells
        #expect(cells.map(\.columns) == [UInt8(columns)])
    }

    @Test func `colors in the prompt take no columns`() {
        #expect(rows("12345678", prompt: "\u{1B}[1;31m>\u{1B}[m ") == ["\u{1B}[1;31m>\u{1B}[m 12345678", ""])
    }

    @Test func `the cursor is on the character that contains its scalar`() {
        let text = Array("a\te\u{301}漢b".unicodeScalars)
        let cells = Cells(prompt: "> ", text: text)
        let layout = LineLayout(cells.cells[...], columns: 80)
        let columns = (0...text.count).map { scalar in
            layout.column(ofCell: cells.index(ofScalar: scalar, in: text.count), in: cells.cells[...])
        }
        #expect(columns == [2, 3, 7, 7, 8, 10, 11])
    }
}
