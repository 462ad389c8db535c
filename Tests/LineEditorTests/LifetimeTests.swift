import Foundation
import ProcessSupport
import TerminalSupport
import Testing

extension TerminalTests {
    @Suite(.fewAtATime) struct LifetimeTests {
        /// A resize while a line of 100 characters is being typed.
        struct Resizing: CustomTestStringConvertible, Sendable {
            var columns: Int
            var reflows: Bool
            var testDescription: String { "to \(columns) columns, the terminal \(reflows ? "rewraps" : "truncates")" }
        }

        @Test(
            arguments: [40, 79, 81, 102, 103, 120].flatMap { columns in
                [true, false].map { Resizing(columns: columns, reflows: $0) }
            }
        )
        func `a half-typed line survives a change of width`(_ resizing: Resizing) async throws {
            let session = try await PlaygroundSession(reflows: resizing.reflows)
            let text = String(repeating: "0123456789", count: 10)
            try await session.perform("print before")
            try await session.terminal.send(text + "\u{1B}[D\u{1B}[D\u{1B}[D")
            try await session.terminal.wait(for: "89$", column: 19, row: 2)
            try await session.terminal.resize(columns: resizing.columns, rows: 24)

            let shown = "> " + text
            var rows: [String] = []
            for start in stride(from: 0, to: shown.count, by: resizing.columns) {
                rows.append(String(shown.dropFirst(start).prefix(resizing.columns)))
            }
            try await session.perform("print after")
            try await session.terminal.wait(
                for: "\\Abefore\nafter\n" + rows.joined(separator: "\n") + "\n*\\Z",
                column: 99 % resizing.columns,
                row: 2 + 99 / resizing.columns
            )
            try await session.terminal.send("!\r")
            #expect(try await session.events(count: 1) == ["line \(text.dropLast(3))!789"])
        }

        @Test func `a line of wide characters and emoji survives changes of width`() async throws {
            let session = try await PlaygroundSession(columns: 60)
            let text = "漢字漢字漢字漢字 a👍🏽b ❤️c 漢字漢字漢字漢字 👨‍👩‍👧d 漢字漢字漢字漢字漢字"
            try await session.perform("print before")
            try await session.terminal.send(text + "\u{1B}[D\u{1B}[D")
            try await session.terminal.wait(for: "字$", column: 12, row: 2)
            // The end of the text, wherever its rows break.
            let end = "d ?\n?" + "漢字漢字漢字漢字漢字".map { String($0) }.joined(separator: "\n?")
            for columns in [35, 21, 22, 23, 100, 34, 60] {
                let old = try await session.terminal.screen()
                try await session.terminal.resize(columns: columns, rows: 24)
                try await session.perform("print at \(columns)")
                let screen = try await session.terminal.wait(for: "^at \(columns)\n> 漢(.|\n)*\(end)\n")
                #expect(screen.text.count { $0.hasPrefix("> ") } == 1, "\(old)\n\(screen)")
                #expect(screen.text.contains("before"))
                #expect(screen.text[screen.row].contains("漢字") || screen.text[screen.row].hasPrefix("字"))
            }
            try await session.terminal.send("!\r")
            #expect(try await session.events(count: 1) == ["line \(text.dropLast(2))!漢字"])
        }

        @Test func `Ctrl-Z stops the program with sane modes, and fg restores everything`() async throws {
            let session = try await PlaygroundSession(throughBash: true)
            try await session.terminal.send("half typed\u{1B}[D\u{1A}")
            try await session.terminal.wait(for: "^\\[1\\]\\+  Stopped(.*\n)+shell[#$]$")
            try await session.terminal.send("stty -a | grep -o -- '-*icanon' && echo sane\r")
            try await session.terminal.wait(for: "^icanon\nsane$")
            #expect(try await !session.terminal.screen().text.contains { $0.hasPrefix("> half typed> ") })
            try session.command("print meanwhile")
            try await session.terminal.send("fg\r")
            try await session.terminal.wait(for: "^meanwhile\n> half typed$", column: 11)
            #expect(try await session.terminal.modes() == Modes(canonical: false, echo: false, signals: false))
            #expect(try await session.terminal.screen().bracketedPaste)
            try await session.terminal.send("!\r")
            #expect(try await session.events(count: 1) == ["line half type!d"])
        }

        @Test func `a program continued with bg stops again until it is in the foreground`() async throws {
            let session = try await PlaygroundSession(throughBash: true)
            try await session.terminal.send("half\u{1A}")
            try await session.terminal.wait(for: "^\\[1\\]\\+  Stopped(.*\n)+shell[#$]$")
            try await session.terminal.send("bg\r")
            try await session.terminal.wait(for: "^shell[#$] bg\n\\[1\\]\\+ (.*\n)+shell[#$]$")
            try await session.terminal.send("until jobs | grep Stopped; do :; done; fg\r")
            try await session.terminal.wait(for: "^> half$", column: 6)
            try await session.terminal.send("\r")
            #expect(try await session.events(count: 1) == ["line half"])
        }

        @Test func `fg after an external stop restores the line`() async throws {
            let session = try await PlaygroundSession(throughBash: true)
            try await session.terminal.send("half")
            try await session.terminal.wait(for: "^> half$")
            try session.command("stop")
            try await session.terminal.wait(for: "Stopped(.*\n)+shell[#$]$")
            try await session.terminal.send("fg\r")
            try await session.terminal.wait(for: "^shell[#$] fg\n(.*\n)+> half$", column: 6)
            #expect(try await !session.terminal.modes().canonical)
        }

        @Test func `shutdown prints all waiting text and restores the terminal`() async throws {
            let session = try await PlaygroundSession()
            #expect(try await session.terminal.screen().bracketedPaste)
            try session.command("flood 5000")
            try session.command("shutdown")
            try await session.waitForLog("finished")
            try await session.waitForLog("done shutdown")
            #expect(try await session.terminal.modes() == .usual)
            let screen = try await session.terminal.wait(for: "^message 4999\n\\Z")
            #expect(screen.column == 0)
            #expect(!screen.bracketedPaste)
            try await session.perform("shutdown")
            try await session.perform("print dropped")
            try session.command("exit 7")
            #expect(try await session.terminal.exitStatus() == 7)
        }

        @Test func `shutdown ends a half-typed line`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.send("half\u{1B}[D")
            try await session.terminal.wait(for: "^> half$", column: 5)
            try await session.perform("shutdown")
            try await session.terminal.wait(for: "^> half\n\\Z", column: 0, row: 1)
        }

        @Test(arguments: ["exit 3": Int32(3), "crash": -SIGABRT])
        func `the terminal is restored after a crash`(_ command: String, _ status: Int32) async throws {
            // In debug builds, Swift's crash report takes half a minute.
            let session = try await PlaygroundSession(environment: ["SWIFT_BACKTRACE": "enable=no"], throughBash: true)
            try await session.terminal.send("half")
            try await session.terminal.wait(for: "^> half$")
            try session.command(command)
            let code = status < 0 ? 128 - status : status
            try await session.terminal.wait(for: "shell[#$]$")
            try await session.terminal.send("echo $?; trap 'stty -a | grep -o -- \"-*icanon\"' EXIT; exit\r")
            try await session.terminal.wait(for: "^\(code)\n(.*\n)*icanon$")
            #expect(try await !session.terminal.screen().bracketedPaste)
        }

        @Test func `an unhandled SIGTERM restores the terminal`() async throws {
            let session = try await PlaygroundSession()
            try await session.terminal.signal(SIGTERM)
            #expect(try await session.terminal.exitStatus() == -SIGTERM)
            #expect(try await !session.terminal.screen().bracketedPaste)
        }

        @Test func `SIGTERM can be handled by a Dispatch source`() async throws {
            let session = try await PlaygroundSession()
            try await session.perform("handle-term")
            try await session.terminal.signal(SIGTERM)
            try await session.waitForLog("terminated")
            try await session.perform("print alive")
        }

        @Test func `a hangup ends the input and blocks no caller`() async throws {
            let session = try await PlaygroundSession(environment: ["PLAYGROUND_IGNORE_HANGUP": "1"])
            try await session.terminal.send("half")
            try await session.terminal.wait(for: "^> half$")
            try await session.terminal.hangUp()
            #expect(try await session.events(count: 1) == ["end"])
            try await session.perform("flood 100000")
            try await session.perform("shutdown")
            #expect(try await session.events(count: 2) == ["end", "finished"])
        }

        @Test func `only one terminal can be open`() async throws {
            let session = try await PlaygroundSession()
            try await session.perform("second")
            #expect(try session.log().contains("second inUse"))
        }
    }
}
