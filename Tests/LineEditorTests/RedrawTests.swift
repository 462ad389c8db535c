import ProcessSupport
import TerminalSupport
import Testing

extension TerminalTests {
    @Suite(.fewAtATime) struct RedrawTests {
        private static let up = "\u{1B}[A"

        private func paste(_ text: String) -> String { "\u{1B}[200~\(text)\u{1B}[201~" }

        /// Prints messages one after the other.
        private func print(_ messages: [String], in session: PlaygroundSession) async throws {
            for message in messages {
                try await session.perform("print \(message)")
                while try await !session.terminal.lines().contains(message) {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }

        @Test(arguments: [24, 10, 5])
        func `a message taller than the screen is in the scrollback once, when it is sent`(rows: Int) async throws {
            let session = try await PlaygroundSession(rows: rows)
            try await session.perform("print before")
            let text = (0..<40).map { "row \($0) " + String(repeating: "-", count: $0 * 3) }
            try await session.terminal.send(paste(text.joined(separator: "\n")))
            for typed in ["x", "xy", "xyz"] {
                try await session.terminal.send(String(typed.suffix(1)))
                try await session.terminal.wait(for: "-\(typed)$")
            }
            try await print((0..<3).map { "message \($0)" }, in: session)
            try await session.terminal.send(String(repeating: Self.up, count: 60) + "!")
            try await session.terminal.wait(for: "\\A> row 0 !$")
            try await print((3..<6).map { "message \($0)" }, in: session)
            try await session.terminal.send("\r")
            _ = try await session.events(count: 1)
            try await session.perform("print after")
            try await session.terminal.wait(for: "^after\n>")

            let messages = (0..<6).map { "message \($0)" }
            let shown = ("> row 0 !\n" + text.dropFirst().joined(separator: "\n") + "xyz").split(separator: "\n")
            let wrapped = shown.flatMap { row in
                stride(from: 0, to: row.count, by: 80).map { String(row.dropFirst($0).prefix(80)) }
            }
            let lines = try await session.terminal.lines()
            #expect(lines == ["before"] + messages + wrapped + ["after", ">"])
        }

        @Test func `a key in a line taller than the screen writes only what it changes`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send(paste((0..<60).map { "row \($0)" }.joined(separator: "\n")))
            try await session.terminal.wait(for: "^row 59$", column: 6, row: 23)
            for (key, column, row) in [("x", 7, 23), (Self.up, 6, 22), ("y", 7, 22), ("\u{7F}", 6, 22)] {
                let before = try await session.terminal.transcript().utf8.count
                try await session.terminal.send(key)
                try await session.terminal.wait(for: "^row 59x$", column: column, row: row)
                let written = try await session.terminal.transcript().utf8.dropFirst(before)
                #expect((1...32).contains(written.count), "\(String(describing: String(written)).debugDescription)")
            }
        }

        @Test(arguments: [(1, 5), (2, 9), (3, 24)])
        func `rows that are changed one by one look like a line painted anew`(seed: UInt64, rows: Int) async throws {
            let session = try await PlaygroundSession(columns: 20, rows: rows)
            var random = Random(state: seed)
            let keys = [
                "a", "bc", "漢", "👍🏽", "👨‍👩‍👧", "e\u{301}", "0123456789012345678", "\u{1B}\r", "\u{1B}[D", "\u{1B}[C",
                Self.up,
                "\u{1B}[B", "\u{7F}", "\u{7F}\u{7F}", "\u{1}", "\u{5}", "\u{B}", "\u{19}", "\u{1B}b", "\u{1B}f",
            ]
            for round in 1...25 {
                for _ in 0..<12 { try await session.terminal.send(keys.randomElement(using: &random) ?? "") }
                try await session.terminal.send("<\(round)>")
                let changed = try await session.terminal.wait(
                    for: "<\\s*" + "\(round)".map { "\($0)\\s*" }.joined() + ">"
                )
                try await session.terminal.send("\u{C}")
                while try await session.terminal.transcript().split(separator: "\u{1B}[2J").count <= round {
                    try await Task.sleep(for: .milliseconds(5))
                }
                let anew = try await session.terminal.screen()
                let above = changed.row - anew.row
                #expect(
                    changed.rows.dropFirst(above).elementsEqual(anew.rows.prefix(rows - above)),
                    "\(changed)\n\(anew)"
                )
                #expect(changed.column == anew.column, "\(changed)\n\(anew)")
            }
        }

        @Test(
            "Emoji keep their columns while typed, whether the terminal draws their parts as one or side by side",
            arguments: [(false, "> a👍🏽b👨‍👩‍👧c"), (true, "> a👍🏽  b👨‍👩‍👧    c")]
        )
        func emoji(joinsEmoji: Bool, shown: String) async throws {
            let session = try await PlaygroundSession(joinsEmoji: joinsEmoji)
            for key in ["a", "👍", "🏽", "b", "👨", "\u{200D}👩\u{200D}👧", "c"] { try await session.terminal.send(key) }
            try await session.terminal.wait(for: "^\(shown)$", column: 15)
            try await session.perform("print message")
            try await session.terminal.send("\u{1B}[D\u{1B}[D\u{7F}")
            let removed = shown.replacing("b", with: "")
            try await session.terminal.wait(for: "^message\n\(removed)$", column: 7)
            try await session.terminal.send("b\r")
            #expect(try await session.events(count: 1) == ["line a👍🏽b👨‍👩‍👧c"])
            try await session.terminal.wait(for: "^message\n\(shown)\n>$")
        }
    }

    /// Random numbers that are the same each time.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }
}
