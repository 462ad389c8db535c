import Foundation
import ProcessSupport
import TerminalSupport
import Testing

private let up = "\u{1B}[A"
private let long = String(repeating: "x", count: 3000)
private let tall = String(repeating: "row\n", count: 40)
private let down = "\u{1B}[B"

extension TerminalTests {
    @Suite(.fewAtATime) struct EditingTests {
        /// Keys to type, and the lines that they should produce.
        struct Typing: CustomTestStringConvertible, Sendable {
            var testDescription: String
            var keys: String
            var lines: [String]

            init(_ description: String, _ keys: String, _ lines: String...) {
                (testDescription, self.keys, self.lines) = (description, keys, lines)
            }
        }

        @Test(arguments: [
            Typing("two lines in one burst", "hello\rworld\r", "hello", "world"),
            Typing("an empty line", "\r", ""),
            Typing("Ctrl-A and Ctrl-E", "b\u{1}a\u{5}c\r", "abc"),
            Typing("Ctrl-B and Ctrl-F", "bd\u{2}\u{2}a\u{6}c\r", "abcd"),
            Typing("Home and End", "b\u{1B}[Ha\u{1B}[Fd\u{1B}OH0\u{1B}OF5\u{1B}[1~-\u{1B}[4~!\r", "-0abd5!"),
            Typing("Delete", "abc\u{1B}[H\u{1B}[3~\r", "bc"),
            Typing("Ctrl-D within a line", "abc\u{1}\u{4}\r", "bc"),
            Typing("Ctrl-K and Ctrl-Y", "one two\u{1B}[D\u{1B}[D\u{1B}[D\u{B}\u{1}\u{19}\r", "twoone "),
            Typing("Ctrl-U and Ctrl-Y", "one two\u{15}x\u{19}\r", "xone two"),
            Typing("Ctrl-U deletes only the text before the cursor", "one two\u{1B}[D\u{15}\r", "o"),
            Typing("Ctrl-W and Ctrl-Y", "one two\u{17}x\u{19}\r", "one xtwo"),
            Typing("Alt-b and Alt-f", "one two\u{1B}b\u{1B}b-\u{1B}f+\r", "-one+ two"),
            Typing("Ctrl-arrows", "one two\u{1B}[1;5D\u{1B}[1;5D-\u{1B}[1;5C+\r", "-one+ two"),
            Typing("Alt-d", "one two\u{1}\u{1B}d\r", " two"),
            Typing("unknown sequences are ignored", "a\u{1B}[15~b\u{1B}[<0;1;1Mc\u{1B}[[Ad\u{1B}[1;2Pe\r", "abcde"),
            Typing("Ctrl-V inserts the next key literally", "a\u{16}\u{3}b\u{16}\u{1B}c\r", "a\u{3}b\u{1B}c"),
            Typing("unbound Meta keys do nothing", "a\u{1B}xb\u{1B}jc\u{1B}éd\u{1B}!e\u{1B}Xf\r", "abcdef"),
            Typing("Ctrl-_ undoes", "one two\u{17}\u{15}new\u{1F}\u{1F}\u{1F}!\r", "one two!"),
            Typing("Ctrl-_ undoes a paste", "a\u{1B}[200~b c\u{1B}[201~\u{1F}d\r", "ad"),
            Typing("Alt-Enter is a newline in the text", "a\u{1B}\rb\r", "a\nb"),
            Typing("Backspace deletes a character with combining marks", "ae\u{301}\u{7F}b\r", "ab"),
            Typing("Backspace deletes an emoji sequence", "a👨‍👩‍👧\u{7F}b\r", "ab"),
            Typing("Latin 1, Cyrillic and Greek", "éÿ Вот Ω\r", "éÿ Вот Ω"),
            Typing("up and down", "one\rtwo\rx\(up)\(up)\(down)!\r\(up)\(up)\(down)?\r", "one", "two", "two!", "two!?"),
            Typing("down returns to the half-typed line", "one\rdraft\(up)\(up)\(down)+\r", "one", "draft+"),
            Typing("Ctrl-R", "apple pie\rbanana\r\u{12}app\r", "apple pie", "banana", "apple pie"),
            Typing("Ctrl-R twice", "ab1\rab2\r\u{12}ab\u{12}\u{5}!\r", "ab1", "ab2", "ab1!"),
            Typing("Ctrl-R for Cyrillic", "Вот\rдва\r\u{12}Во\r", "Вот", "два", "Вот"),
            Typing("Ctrl-G cancels a search", "apple\rtyped\u{12}app\u{7}!\r", "apple", "typed!"),
            Typing("Alt-p", "git a\rls\rgit\u{1B}p\r", "git a", "ls", "git a"),
            Typing("a paste of several lines", "\u{1B}[200~one\r\ntwo\rthree\u{1B}[201~!\r", "one\ntwo\nthree!"),
            Typing("a paste without its final newline", "\u{1B}[200~one\ntwo\n\u{1B}[201~\r", "one\ntwo"),
            Typing("a paste without one of its final newlines", "\u{1B}[200~one\n\n\u{1B}[201~\r", "one\n"),
            Typing(
                "a paste with control characters",
                "\u{1B}[200~a\u{3}b\tc\u{1B}[A\0\u{1B}[201~\r",
                "a\u{3}b\tc\u{1B}[A\u{FFFD}"
            ),
            Typing(
                "up within a text of several lines",
                "old\rab\u{1B}\rcd\u{1B}\re\(up)X\(up)Y\(down)\(down)Z\r",
                "old",
                "abY\ncXd\neZ"
            ),
            Typing("up from its first line", "old\rab\u{1B}\rcd\(up)\(up)\r", "old", "old"),
            Typing(
                "a row that becomes full at the end of a text taller than the screen",
                "\u{1B}[200~\(tall)\n\u{1B}[201~\u{1}\u{5}\(long)\r",
                tall + long
            ),
            Typing("a long line after going back and forth", "one\r\(long)\(up)\(down)\r", "one", long),
        ])
        func `keys produce the expected lines`(_ typing: Typing) async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send(typing.keys)
            #expect(try await session.events(count: typing.lines.count) == typing.lines.map { "line " + $0 })
        }

        @Test func `a search shows its match, even when messages arrive`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send("apple pie\rbanana\r\u{12}pie")
            try await session.terminal.wait(for: "^\\(reverse-i-search\\)`pie': apple pie$", column: 31)
            try await session.perform("print news")
            try await session.terminal.wait(for: "^news\n\\(reverse-i-search\\)`pie': apple pie$", column: 31)
            try await session.terminal.send("z")
            try await session.terminal.wait(for: "^\\(failed reverse-i-search\\)`piez': apple pie$")
        }

        @Test func `Ctrl-C discards a half-typed line and is an event on an empty one`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send("half\u{3}")
            try await session.terminal.wait(for: "^> half\\^C\n>$", column: 2, row: 1)
            #expect(try session.events() == [])
            try await session.terminal.send("\u{3}")
            #expect(try await session.events(count: 1) == ["interrupt"])
            try await session.terminal.send("on\r")
            #expect(try await session.events(count: 2) == ["interrupt", "line on"])
        }

        @Test func `an external SIGINT acts like Ctrl-C`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.signal(SIGINT)
            #expect(try await session.events(count: 1) == ["interrupt"])
        }

        @Test func `Ctrl-D ends input only on an empty line`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send("a\u{4}\u{7F}\u{4}")
            #expect(try await session.events(count: 1) == ["end"])
            try await session.perform("print still here")
            try await session.terminal.wait(for: "^still here\n>$")
        }

        @Test func `Ctrl-L clears the screen and keeps the line`() async throws {
            let session = try await PlaygroundSession()
            try await session.perform("print something")
            try await session.terminal.send("typed\u{1B}[D\u{C}")
            try await session.terminal.wait(for: "\\A> typed$", column: 6, row: 0)
        }

        @Test func `a paste is shown on rows of its own`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send("\u{1B}[200~{\n\t\"a\": 1\n}\u{1B}[201~")
            try await session.terminal.wait(for: "^> \\{\n    \"a\": 1\n\\}$", column: 1, row: 2)
            try await session.perform("print above")
            try await session.terminal.wait(for: "^above\n> \\{\n    \"a\": 1\n\\}$", column: 1, row: 3)
            #expect(try session.events() == [])
        }

        @Test func `a line taller than the screen is shown around its cursor`() async throws {
            let session = try await PlaygroundSession(columns: 20, rows: 5)
            let text = (0..<40).map { "<\(String(format: "%03d", $0))>" }.joined()
            try await session.terminal.send(text)
            try await session.terminal.wait(for: "9>$", column: 2, row: 4)
            try await session.perform("print message")
            try await session.terminal.send("\u{1}")
            try await session.terminal.wait(for: "\\A> <000>", column: 2, row: 0)
            try await session.terminal.send("!\r")
            #expect(try await session.events(count: 1) == ["line !" + text])
        }

        @Test func `vi bindings in the editrc are honored`() async throws {
            let home = FileManager.default.temporaryDirectory.appendingPathComponent("home-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: home) }
            try Data("bind -v\n".utf8).write(to: home.appendingPathComponent(".editrc"))
            let session = try await PlaygroundSession(environment: ["HOME": home.path])
            try await session.terminal.send("one two\u{1B}")
            try await session.terminal.wait(for: "^> one two$", column: 8)
            try await session.terminal.send("0x\r")
            #expect(try await session.events(count: 1) == ["line ne two"])
            try await session.terminal.send("draft\u{1B}")
            try await session.terminal.wait(for: "^> draft$", column: 6)
            try await session.terminal.send("kA!\r")
            #expect(try await session.events(count: 2).last == "line ne two!")
            // The first Enter ends the search, the second one enters the line.
            try await session.terminal.send("new\u{1B}")
            try await session.terminal.wait(for: "^> new$", column: 4)
            try await session.terminal.send("/two\rA?")
            try await session.terminal.wait(for: "^> ne two!\\?$")
            try await session.terminal.send("\r")
            #expect(try await session.events(count: 3).last == "line ne two!?")
        }

        @Test func `Ctrl-X Ctrl-E requests another editor for the text`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send("half\u{1B}\rtyped\u{18}\u{5}")
            #expect(try await session.events(count: 1) == ["edit half\ntyped"])
        }

        @Test func `a dumb terminal is usable`() async throws {
            let session = try await PlaygroundSession(environment: ["TERM": "dumb"])
            try await session.terminal.send("hello\u{2}\u{2}")
            try await session.perform("print message")
            try await session.terminal.wait(for: "^message\n> hello$", column: 5, row: 1)
            try await session.terminal.send(String(repeating: "x", count: 100))
            try await session.terminal.wait(for: "^xx+lo$")
            try await session.terminal.send("\r")
            #expect(try await session.events(count: 1) == ["line hel" + String(repeating: "x", count: 100) + "lo"])
            #expect(try await !session.terminal.transcript().contains("\u{1B}"))
        }
    }
}
