import MessageText
import Testing

@Suite struct ParagraphTests {
    @Test(
        "A line is wrapped between words, and columns stay aligned",
        arguments: [
            ("short", 10, ["short"]), ("one two three", 8, ["one two", "three"]),
            ("a  one two", 8, ["a  one", "   two"]),
            ("unbreakable", 4, ["unbreakable"]),
        ]
    )
    func rows(line: String, columns: Int, rows: [String]) {
        #expect(Paragraph.rows(of: line, columns: columns) == rows)
    }
}
