import Foundation
import ProcessSupport
import Synchronization

/// A program that runs in a real pseudo-terminal, and the screen that it paints there.
///
/// The work is done by `screen.py` (python3-pyte); each call here is one request to it. Calls wait for what they are
/// about, with a generous limit, and throw what the screen looked like when it passed.
public final class PseudoTerminal: Sendable {
    /// How long to wait for anything that will surely come.
    public static let patience = 60.0

    private struct Driver {
        var process: ChildProcess
        var requests: FileHandle
        var answers: FileHandle
        var buffered = Data()
    }

    /// Where the program keeps its history, unless the environment says where.
    private let ownState: String?
    private let driver: Mutex<Driver>

    /// Starts a program: the path of an executable, its arguments, and all of its environment.
    ///
    /// `reflows` says whether the terminal wraps its lines anew when its width changes, as most do, or cuts them, as
    /// xterm does. `joinsEmoji` says whether it draws all parts of an emoji in two columns, as newer ones do.
    ///
    /// - Throws: `Failure`, when python3 or python3-pyte is missing.
    public init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = PseudoTerminal.environment(),
        columns: Int = 80,
        rows: Int = 24,
        reflows: Bool = true,
        joinsEmoji: Bool = false
    ) async throws {
        var environment = environment
        if environment["XDG_STATE_HOME"] == nil {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())").path
            environment["XDG_STATE_HOME"] = folder
            ownState = folder
        } else {
            ownState = nil
        }
        let process: ChildProcess
        do {
            process = try ChildProcess(
                "/usr/bin/python3",
                [URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/screen.py"],
                environment: ProcessInfo.processInfo.environment,
                readsError: false
            )
        } catch {
            throw Failure("cannot run /usr/bin/python3: install python3 and python3-pyte (\(error))")
        }
        driver = Mutex(
            Driver(
                process: process,
                requests: process.input,
                answers: process.output
            )
        )
        _ = try await ask(
            Spawn(
                program: program,
                arguments: arguments,
                environment: environment,
                columns: columns,
                rows: rows,
                reflows: reflows,
                joinsEmoji: joinsEmoji
            )
        )
    }

    deinit {
        // The program's end, too.
        driver.withLock { try? $0.requests.close() }
        if let ownState { try? FileManager.default.removeItem(atPath: ownState) }
    }

    /// An environment with a usual terminal and a UTF-8 locale, and nothing of the user's own.
    public static func environment(_ more: [String: String] = [:]) -> [String: String] {
        let usual = [
            "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent",
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        ]
        return usual.merging(more) { $1 }
    }

    /// Types keys: characters, and escape sequences as the terminal sends them.
    public func send(_ keys: String) async throws {
        _ = try await ask(Send(keys: keys))
    }

    /// Changes the size, first of the screen and then for the program.
    public func resize(columns: Int, rows: Int) async throws {
        _ = try await ask(Resize(columns: columns, rows: rows))
    }

    /// Waits until the screen matches a Python regular expression, in which `^` and `$` match at each row, and the cursor
    /// stands where it should; returns that screen.
    @discardableResult
    public func wait(for pattern: String, column: Int? = nil, row: Int? = nil) async throws -> ScreenState {
        try await ask(Wait(pattern: pattern, timeout: Self.patience, column: column, row: row)).state
    }

    /// The screen as it is now.
    public func screen() async throws -> ScreenState {
        try await ask(Plain(do: "screen")).state
    }

    /// All rows there have been, those scrolled off included.
    public func lines() async throws -> [String] {
        try await ask(Plain(do: "lines")).rows ?? []
    }

    /// Everything the program wrote, escape sequences and all.
    public func transcript() async throws -> String {
        try await ask(Plain(do: "transcript")).text ?? ""
    }

    /// The terminal's modes.
    public func modes() async throws -> Modes {
        let answer = try await ask(Plain(do: "modes"))
        return Modes(
            canonical: answer.canonical ?? false,
            echo: answer.echo ?? false,
            signals: answer.signals ?? false
        )
    }

    /// Sends a signal to the program, as `kill` does.
    public func signal(_ number: Int32) async throws {
        _ = try await ask(Signal(number: number))
    }

    /// Takes the terminal away.
    public func hangUp() async throws {
        _ = try await ask(Plain(do: "hangUp"))
    }

    /// Makes the terminal stop taking what the program writes, or go on.
    public func pause(_ paused: Bool) async throws {
        _ = try await ask(Pause(paused: paused))
    }

    /// Waits for the program's end: its status, or the signal it died of as a negative number.
    public func exitStatus() async throws -> Int32 {
        let answer = try await ask(WaitExit(timeout: Self.patience))
        return answer.signal.map { -$0 } ?? answer.status ?? -1
    }
}

/// What the screen shows.
public struct ScreenState: Equatable, Sendable, CustomStringConvertible {
    /// Its rows, without the blanks at their ends.
    public var rows: [String]
    /// Where the cursor stands, from 0.
    public var column: Int
    /// Where the cursor stands, from 0.
    public var row: Int
    /// Whether the program asked for pastes to be bracketed.
    public var bracketedPaste: Bool

    /// The rows down to the last that shows something.
    public var text: [String] {
        Array(rows[...(rows.lastIndex { !$0.isEmpty } ?? 0)])
    }

    /// The screen as it looks.
    public var description: String {
        (rows + ["cursor: column \(column), row \(row)"]).joined(separator: "\n")
    }
}

/// The modes of a terminal, as far as tests look at them.
public struct Modes: Equatable, Sendable {
    /// Whether input comes in whole lines.
    public var canonical: Bool
    /// Whether the kernel shows what is typed.
    public var echo: Bool
    /// Whether Ctrl-C is a signal.
    public var signals: Bool

    /// Creates modes to compare with.
    public init(canonical: Bool, echo: Bool, signals: Bool) {
        (self.canonical, self.echo, self.signals) = (canonical, echo, signals)
    }

    /// As a shell leaves them for a program.
    public static let usual = Modes(canonical: true, echo: true, signals: true)
}

/// Why a test could not go on.
public struct Failure: Error, CustomStringConvertible {
    /// What was waited for, and what there was instead.
    public let description: String

    /// Creates a failure with its description.
    public init(_ description: String) {
        self.description = description
    }
}

// MARK: - Requests and answers

extension PseudoTerminal {
    private struct Spawn: Encodable {
        var `do` = "spawn"
        var program: String
        var arguments: [String]
        var environment: [String: String]
        var columns: Int
        var rows: Int
        var reflows: Bool
        var joinsEmoji: Bool
    }
    private struct Send: Encodable {
        var `do` = "send"
        var keys: String
    }
    private struct Resize: Encodable {
        var `do` = "resize"
        var columns: Int
        var rows: Int
    }
    private struct Wait: Encodable {
        var `do` = "wait"
        var pattern: String
        var timeout: Double
        var column: Int?
        var row: Int?
    }
    private struct Signal: Encodable {
        var `do` = "signal"
        var number: Int32
    }
    private struct Pause: Encodable {
        var `do` = "pause"
        var paused: Bool
    }
    private struct WaitExit: Encodable {
        var `do` = "waitExit"
        var timeout: Double
    }
    private struct Plain: Encodable {
        var `do`: String
    }

    private struct Answer: Decodable, Sendable {
        var error: String?
        var rows: [String]?
        var text: String?
        var column: Int?
        var row: Int?
        var bracketedPaste: Bool?
        var canonical: Bool?
        var echo: Bool?
        var signals: Bool?
        var signal: Int32?
        var status: Int32?

        var state: ScreenState {
            ScreenState(
                rows: rows ?? [],
                column: column ?? -1,
                row: row ?? -1,
                bracketedPaste: bracketedPaste ?? false
            )
        }
    }

    private func ask(_ request: some Encodable) async throws -> Answer {
        let line = try JSONEncoder().encode(request) + Data("\n".utf8)
        // Reading the answer blocks, which no thread of Swift's own pool must do; on Linux that is Dispatch's, too.
        let answer = try await ChildProcess.onThread {
            Result { try self.driver.withLock { try Self.exchange(line, &$0) } }
        }.get()
        guard let error = answer.error else { return answer }
        throw Failure(([error] + (answer.rows ?? []).map { "  |" + $0 }).joined(separator: "\n"))
    }

    private static func exchange(_ line: Data, _ driver: inout Driver) throws -> Answer {
        try driver.requests.write(contentsOf: line)
        while true {
            if let end = driver.buffered.firstIndex(of: UInt8(ascii: "\n")) {
                let answer = try JSONDecoder().decode(Answer.self, from: driver.buffered[..<end])
                driver.buffered = Data(driver.buffered[(end + 1)...])
                return answer
            }
            let data = driver.answers.availableData
            guard !data.isEmpty else { throw Failure("screen.py ended; is python3-pyte installed?") }
            driver.buffered += data
        }
    }
}
