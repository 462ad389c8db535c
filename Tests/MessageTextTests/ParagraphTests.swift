import MessageText
import Testing

@Suite struct ParagraphTests {
    @Test(
        "A line is wrapped between words, and columns stay aligned",
        arguments: [
            ("short", 10, ["short"]), ("one two three", 8, ["one two", "three"]),
            ("a  one two", 8, ["a  one", "   two"]),
            ("unbreakable", 4, ["unbreakable"]), (#"abc\u{1b}d"#, 6, ["abc", #"\u{1b}d"#]),
            (#"abcdefgh\nij"#, 9, ["abcdefgh", #"\nij"#]), (#"a  bcde\nfg"#, 8, ["a ", #"   bcde"#, #"   \nfg"#]),
        ]
    )
    func rows(line: String, columns: Int, rows: [String]) {
        #expect(Paragraph.rows(of: line, columns: columns) == rows)
    }
}
