import Foundation
import ProcessSupport
import Synchronization

/// A program running in a real pseudo-terminal, and the screen that it draws.
///
/// The pseudo-terminal is run by `screen.py` (python3-pyte), and each method sends one request to it. Methods that wait
/// have a generous time limit, and throw an error with the current screen when it expires.
public final class PseudoTerminal: Sendable {
    /// The time limit of each wait, in seconds.
    public static let patience = 60.0

    private struct Driver {
        var process: ChildProcess
        var requests: FileHandle
        var responses: FileHandle
        var buffered = Data()
    }

    /// The folder for the program's history, unless the environment specifies one.
    private let ownState: String?
    private let driver: Mutex<Driver>

    /// Starts a program.
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
                responses: process.output
            )
        )
        _ = try await perform(
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
        // This also ends the program.
        driver.withLock { try? $0.requests.close() }
        if let ownState { try? FileManager.default.removeItem(atPath: ownState) }
    }

    /// Returns an environment with a common terminal and a UTF-8 locale, without the user's own variables.
    public static func environment(_ more: [String: String] = [:]) -> [String: String] {
        let usual = [
            "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent",
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        ]
        return usual.merging(more) { $1 }
    }

    /// The start of a shell command, for a program that has no controlling terminal; macOS has no `setsid`.
    public static let withoutTerminal =
        "/usr/bin/python3 -c 'import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])'"

    /// Types keys, given as characters and escape sequences.
    public func send(_ keys: String) async throws {
        _ = try await perform(Send(keys: keys))
    }

    /// Resizes the screen and then notifies the program.
    public func resize(columns: Int, rows: Int) async throws {
        _ = try await perform(Resize(columns: columns, rows: rows))
    }

    /// Waits until the screen matches a Python regular expression, in which `^` and `$` match at each row, and the
    /// cursor is at the given position; returns that screen.
    @discardableResult
    public func wait(for pattern: String, column: Int? = nil, row: Int? = nil) async throws -> ScreenState {
        try await perform(Wait(pattern: pattern, timeout: Self.patience, column: column, row: row)).state
    }

    /// Returns the current screen.
    public func screen() async throws -> ScreenState {
        try await perform(Plain(do: "screen")).state
    }

    /// Returns all rows, including those scrolled off the screen.
    public func lines() async throws -> [String] {
        try await perform(Plain(do: "lines")).rows ?? []
    }

    /// Returns all output of the program, including escape sequences.
    public func transcript() async throws -> String {
        try await perform(Plain(do: "transcript")).text ?? ""
    }

    /// Returns the modes of the terminal.
    public func modes() async throws -> Modes {
        let response = try await perform(Plain(do: "modes"))
        return Modes(
            canonical: response.canonical ?? false,
            echo: response.echo ?? false,
            signals: response.signals ?? false
        )
    }

    /// Sends a signal to the program.
    public func signal(_ number: Int32) async throws {
        _ = try await perform(Signal(number: number))
    }

    /// Hangs up the terminal.
    public func hangUp() async throws {
        _ = try await perform(Plain(do: "hangUp"))
    }

    /// Pauses or resumes reading the program's output.
    public func pause(_ paused: Bool) async throws {
        _ = try await perform(Pause(paused: paused))
    }

    /// Waits for the program to end; returns its exit status, or the number of the signal that ended it as a negative
    /// number.
    public func exitStatus() async throws -> Int32 {
        let response = try await perform(WaitExit(timeout: Self.patience))
        return response.signal.map { -$0 } ?? response.status ?? -1
    }
}

/// The contents of the screen.
public struct ScreenState: Equatable, Sendable, CustomStringConvertible {
    /// The rows, without trailing blanks.
    public var rows: [String]
    /// The column of the cursor, from 0.
    public var column: Int
    /// The row of the cursor, from 0.
    public var row: Int
    /// Whether the program has enabled bracketed paste.
    public var bracketedPaste: Bool

    /// The rows up to the last one that is not empty.
    public var text: [String] {
        Array(rows[...(rows.lastIndex { !$0.isEmpty } ?? 0)])
    }

    /// A drawing of the screen.
    public var description: String {
        (rows + ["cursor: column \(column), row \(row)"]).joined(separator: "\n")
    }
}

/// The terminal modes that tests compare.
public struct Modes: Equatable, Sendable {
    /// Whether input is delivered in whole lines.
    public var canonical: Bool
    /// Whether the kernel echoes typed characters.
    public var echo: Bool
    /// Whether Ctrl-C sends a signal.
    public var signals: Bool

    /// Creates modes.
    public init(canonical: Bool, echo: Bool, signals: Bool) {
        (self.canonical, self.echo, self.signals) = (canonical, echo, signals)
    }

    /// The modes that a shell sets for a program.
    public static let usual = Modes(canonical: true, echo: true, signals: true)
}

/// An error that ends a test.
public struct Failure: Error, CustomStringConvertible {
    /// The expectation, and the actual state.
    public let description: String

    /// Creates a failure with its description.
    public init(_ description: String) {
        self.description = description
    }
}

// MARK: - Requests and responses

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

    private struct Response: Decodable, Sendable {
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

    private func perform(_ request: some Encodable) async throws -> Response {
        let line = try JSONEncoder().encode(request) + Data("\n".utf8)
        // Reading the response blocks, which must not happen on Swift's cooperative pool, which Dispatch shares on
        // Linux.
        let response = try await ChildProcess.onThread {
            Result { try self.driver.withLock { try Self.exchange(line, &$0) } }
        }.get()
        guard let error = response.error else { return response }
        throw Failure(([error] + (response.rows ?? []).map { "  |" + $0 }).joined(separator: "\n"))
    }

    private static func exchange(_ line: Data, _ driver: inout Driver) throws -> Response {
        try driver.requests.write(contentsOf: line)
        while true {
            if let end = driver.buffered.firstIndex(of: UInt8(ascii: "\n")) {
                let response = try JSONDecoder().decode(Response.self, from: driver.buffered[..<end])
                driver.buffered = Data(driver.buffered[(end + 1)...])
                return response
            }
            let data = driver.responses.availableData
            guard !data.isEmpty else { throw Failure("screen.py ended; is python3-pyte installed?") }
            driver.buffered += data
        }
    }
}
