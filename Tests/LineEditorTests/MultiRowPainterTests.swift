import ProcessSupport
import Testing

@testable import LineEditor

@Suite(.fewAtATime) struct MultiRowPainterTests {
    /// A change of the line at the prompt `> ` in a terminal of 20 columns and 5 rows, and the bytes that show it.
    struct Change: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var before: String
        var after: String
        /// The cursor in the line after the change; nil for its end.
        var cursor: Int?
        var bytes: String

        init(_ description: String, _ before: String, _ after: String, cursor: Int? = nil, _ bytes: String) {
            (testDescription, self.before, self.after, self.cursor) = (description, before, after, cursor)
            self.bytes = bytes.replacing("^[", with: "\u{1B}[")
        }
    }

    private let size = ScreenSize(columns: 20, rows: 5)

    init() {
        Width.prepare()
    }

    private func line(_ text: String, cursor: Int? = nil) -> Line {
        let text = Array(text.unicodeScalars)
        return Line(prompt: "> ", text: text, cursor: cursor ?? text.count)
    }

    private static let full = String(repeating: "x", count: 18)

    @Test(arguments: [
        Change("a character at the end", "hello", "hello!", "\r^[7C!^[K"),
        Change("a character in the middle", "hello", "he-llo", cursor: 3, "\r^[4C-llo^[K\r^[5C"),
        Change("the cursor", "hello", "hello", cursor: 1, "\r^[3C"),
        Change("the last character is deleted", "hello", "hell", "\r^[6C^[K"),
        Change("a character in the last of several rows", "a\nb", "a\nbc", "\r^[1Cc^[K"),
        Change("a character in the first of several rows", "a\nb", "ac\nb", cursor: 2, "\r^[1A^[3Cc^[K\r\n\r^[1A^[4C"),
        Change("a new row", "a", "a\n", "\r\r\n^[K"),
        Change("a row is deleted", "a\nb\n", "a\nb", "\r^[J\r^[1A^[1C"),
        Change("a row becomes full", String(full.dropLast()), full, "\r^[19Cx \r^[K"),
        Change("a full row is continued", full, full + "y", "\ry^[K"),
        Change("a full row is ended", full + "y", full + "\ny", "\r^[1A^[19C\r\n\r^[1C"),
        Change("a row is wrapped that was ended", full + "\ny", full + "y", "\r^[1A> \(full)y^[K"),
        Change("an emoji of two parts", "a", "a👍🏽", "\r^[3C    ^[4G👍🏽^[8G^[K"),
        Change("a character after an emoji of two parts", "a👍🏽", "a👍🏽b", "\r^[7Cb^[K"),
    ])
    func `only the difference is written`(_ change: Change) {
        var painter = MultiRowPainter(reflows: true)
        _ = painter.paint(line(change.before), in: size, isWhole: false)
        let bytes = painter.paint(line(change.after, cursor: change.cursor), in: size, isWhole: false)
        #expect(String(decoding: bytes, as: UTF8.self) == change.bytes)
    }

    @Test func `a line taller than the screen fills it, scrolls when the cursor leaves it, and is whole at the end`() {
        var painter = MultiRowPainter(reflows: true)
        let text = (0..<9).map { "row \($0)" }.joined(separator: "\n")
        /// The numbers of the rows that are written.
        func rows(_ cursor: Int, isWhole: Bool = false) -> [Substring] {
            let bytes = painter.paint(line(text, cursor: cursor), in: size, isWhole: isWhole)
            return String(decoding: bytes, as: UTF8.self).matches(of: /(\d)\x1B\[K/).map(\.1)
        }
        #expect(rows(text.utf8.count) == ["4", "5", "6", "7", "8"])
        // Within the rows shown, the cursor alone moves.
        #expect(rows(6 * 4) == [])
        #expect(rows(6 * 3) == ["1", "2", "3", "4", "5"])
        #expect(rows(text.utf8.count, isWhole: true) == (0..<9).map { "\($0)" })
    }

    @Test func `the screen is never erased from its top left corner`() {
        var painter = MultiRowPainter(reflows: true)
        let text = String(repeating: "\n", count: 9)
        var bytes = painter.paint(line(text), in: size, isWhole: false)
        bytes += painter.erase(in: size)
        bytes += painter.paint(line(text), in: size, isWhole: false)
        bytes += painter.paint(line(text), in: ScreenSize(columns: 30, rows: 5), isWhole: false)
        bytes += painter.paint(line(text), in: ScreenSize(columns: 30, rows: 5), isWhole: true)
        let erasures = String(decoding: bytes, as: UTF8.self).split(
            separator: "\u{1B}[J",
            omittingEmptySubsequences: false
        )
        #expect(erasures.count > 1)
        #expect(erasures.dropLast().allSatisfy { $0.hasSuffix("\u{1B}[C") })
    }
}
