import Foundation
import TerminalSupport

/// The playground in a pseudo-terminal, controlled through a FIFO and observed through a log.
final class PlaygroundSession: Sendable {
    let terminal: PseudoTerminal
    private let folder: URL
    private let commands: FileHandle

    init(
        columns: Int = 80,
        rows: Int = 24,
        reflows: Bool = true,
        joinsEmoji: Bool = false,
        environment: [String: String] = [:],
        throughBash: Bool = false
    ) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("lineeditor-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let fifo = folder.appendingPathComponent("commands").path
        let log = folder.appendingPathComponent("log").path
        guard mkfifo(fifo, 0o600) == 0 else { throw Failure("mkfifo \(fifo): \(errno)") }
        let playground = try builtExecutable("lineeditor-playground")
        // XTERM_VERSION indicates that the terminal truncates lines.
        let kind = reflows ? [:] : ["XTERM_VERSION": "XTerm(379)"]
        let environment = PseudoTerminal.environment(kind.merging(environment) { $1 })
        // Open both ends, so that neither side waits for the other.
        commands = FileHandle(fileDescriptor: open(fifo, O_RDWR | O_CLOEXEC), closeOnDealloc: true)
        if throughBash {
            terminal = try await PseudoTerminal(
                "/bin/bash",
                ["--norc", "--noprofile", "-i"],
                environment: environment.merging(["PS1": "shell\\$ "]) { $1 },
                columns: columns,
                rows: rows,
                reflows: reflows,
                joinsEmoji: joinsEmoji
            )
            try await terminal.wait(for: #"^shell[#$]"#)
            try await terminal.send("clear; \(playground) \(fifo) \(log)\r")
        } else {
            terminal = try await PseudoTerminal(
                playground,
                [fifo, log],
                environment: environment,
                columns: columns,
                rows: rows,
                reflows: reflows,
                joinsEmoji: joinsEmoji
            )
        }
        try await waitForLog("ready")
        try await terminal.wait(for: "^>")
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Sends a command to the playground.
    func command(_ line: String) throws {
        try commands.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Sends a command and waits until it is done.
    func perform(_ line: String) async throws {
        let count = try log().count
        try command(line)
        let name = line.prefix { $0 != " " }
        try await wait("the playground to \(line)") { try log().dropFirst(count).contains("done \(name)") }
    }

    /// Returns the lines of the log so far, with the text of entered lines decoded.
    func log() throws -> [String] {
        let path = folder.appendingPathComponent("log").path
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        // The text after the last newline is incomplete.
        return String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map { line in
                for word in ["line ", "edit "] where line.hasPrefix(word) {
                    return word + Self.text(hexadecimal: line.dropFirst(word.count))
                }
                return String(line)
            }
    }

    /// Returns the user's actions, as received by the playground.
    func events() throws -> [String] {
        try log().filter {
            $0.hasPrefix("line ") || $0.hasPrefix("edit ") || ["interrupt", "end", "finished"].contains($0)
        }
    }

    func waitForLog(_ line: String) async throws {
        try await wait("\(line.debugDescription) in the log") { try log().contains(line) }
    }

    /// Waits for a number of events and returns them.
    func events(count: Int) async throws -> [String] {
        try await wait("\(count) events") { try events().count >= count }
        return try events()
    }

    private func wait(_ what: String, until isTrue: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(PseudoTerminal.patience)
        while try !isTrue() {
            guard ContinuousClock.now < deadline else {
                throw Failure("no \(what); log: \(try log())\n\(try await terminal.screen())")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func text(hexadecimal: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = hexadecimal[...]
        while !rest.isEmpty {
            bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0x3F)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
