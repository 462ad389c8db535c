import ProcessSupport
import TerminalSupport
import Testing

/// All tests with a real terminal, one at a time, because they depend on timing.
@Suite(.serialized, .fewAtATime) enum TerminalTests {}

extension TerminalTests {
    @Suite(.fewAtATime) struct PrintingTests {
        /// A half-typed line, keys to move the cursor in it, text to insert there, and the line that Enter should send.
        struct HalfTyped: CustomTestStringConvertible, Sendable {
            var name: String
            var typed: String
            var moves: String
            var inserted: String
            var sent: String
            /// The number of messages, and how many of them to print per second.
            var messages = 100
            var perSecond = 1000
            var testDescription: String { name }

            /// Creates a line in which the cursor moves left by `left` characters.
            init(_ name: String, _ typed: String, left: Int, _ inserted: String) {
                (self.name, self.typed, self.inserted) = (name, typed, inserted)
                moves = String(repeating: "\u{1B}[D", count: left)
                sent = typed.dropLast(left) + inserted + typed.suffix(left)
            }

            func under(_ messages: Int, perSecond: Int) -> HalfTyped {
                var line = self
                (line.messages, line.perSecond) = (messages, perSecond)
                return line
            }
        }

        static let halfTyped = [
            HalfTyped("a short line", "hello world", left: 5, "big ").under(1000, perSecond: 100),
            HalfTyped("three rows", String(repeating: "0123456789", count: 19) + "tail", left: 100, "<here>"),
            HalfTyped("a full row", String(repeating: "x", count: 78), left: 3, "y"),
            HalfTyped("a full row with the cursor at its end", String(repeating: "x", count: 78), left: 0, "y"),
            HalfTyped("Chinese", "你好世界和平", left: 2, "啊"),
            HalfTyped("Chinese over two rows, at odd columns", "a" + String(repeating: "漢", count: 60), left: 30, "字"),
            HalfTyped("combining marks", "e\u{301}a\u{308}o\u{302}u", left: 2, "x"),
            HalfTyped("emoji", "one 😀 two", left: 4, "🎉"),
            HalfTyped("emoji sequences", "a 👨‍👩‍👧 b ❤️ c 🇩🇪 d 👍🏽 e", left: 5, "!"),
            HalfTyped("emoji sequences over two rows", String(repeating: "👨‍👩‍👧❤️", count: 25), left: 9, "🇩🇪"),
        ]

        @Test(arguments: halfTyped)
        func `many messages do not disturb a half-typed line`(_ line: HalfTyped) async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send(line.typed + line.moves)
            try await session.perform("print begin")
            let before = try await session.terminal.wait(for: "^begin\n(.*\n)*> ")
            let height = before.text.count - 1
            try await session.perform("pace \(line.messages) \(line.perSecond)")
            let after = try await session.terminal.wait(for: "^message \(line.messages - 1)\n> ")

            #expect(Array(after.text.suffix(height)) == Array(before.text.suffix(height)))
            #expect(after.column == before.column)
            #expect(after.text.count - after.row == before.text.count - before.row)
            let messages = try await session.terminal.lines().filter { $0.hasPrefix("message") }
            #expect(messages == (0..<line.messages).map { "message \($0)" })

            try await session.terminal.send(line.inserted + "\r")
            #expect(try await session.events(count: 1) == ["line " + line.sent])
        }

        @Test func `a message wider than the terminal wraps above the line`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send("typed\u{1B}[D")
            for width in [79, 80, 81, 160, 200] {
                let message = String(repeating: "m", count: width)
                try await session.perform("print \(message)")
                try await session.perform("print after \(width)")
            }
            let screen = try await session.terminal.wait(for: "^after 200\n> typed$", column: 6)
            let full = String(repeating: "m", count: 80)
            #expect(
                screen.text == [
                    String(repeating: "m", count: 79), "after 79", full, "after 80", full, "m", "after 81", full, full,
                    "after 160", full, full, String(repeating: "m", count: 40), "after 200", "> typed",
                ]
            )
        }

        @Test func `a flood is printed completely while typing stays responsive and memory small`() async throws {
            let session = try await PlaygroundSession()
            try session.command("flood 100000")
            try await session.terminal.wait(for: "^message [0-9]+$")
            var typed = ""
            for character in "abcdefgh" {
                typed.append(character)
                try await session.terminal.send(String(character))
                try await session.terminal.wait(for: "^> \(typed)$")
            }
            try await session.terminal.wait(for: "^message 99999\n> abcdefgh$")
            let lines = try await session.terminal.lines()
            #expect(lines.count { $0.hasPrefix("message") } == 100_000)
            #expect(lines.filter { $0.hasPrefix("message") } == (0..<100_000).map { "message \($0)" })
            try await session.terminal.send("\r")
            #expect(try await session.events(count: 1) == ["line abcdefgh"])
            try await session.perform("memory")
            let memory = try session.log().first { $0.hasPrefix("memory") }.flatMap { Int($0.dropFirst(7)) }
            #expect(try #require(memory) < 100 * 1024)
        }

        @Test func `a single message appears immediately, and colors do not spread`() async throws {
            let session = try await PlaygroundSession()
            try await session.perform("print \\e[31mred")
            try await session.terminal.wait(for: "^red\n>$")
            #expect(try await session.terminal.transcript().contains("\u{1B}[31mred\r\n\u{1B}[m"))
        }

        @Test func `the prompt may have colors and may change while a line is being typed`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send("typed\u{1B}[D\u{1B}[D")
            try await session.perform("prompt \u{1B}[1;32mconnected\u{1B}[m> ")
            try await session.terminal.wait(for: "^connected> typed$", column: 14, row: 0)
        }
    }
}
