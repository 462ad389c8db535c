import Foundation
import ProcessSupport
import Testing

@testable import wsline

@Suite(.fewAtATime) final class HistoryFileTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("wsline-\(UUID())").path

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        chmod(folder, 0o700)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// More lines than a history keeps, and the lines left after appending another one.
    private static let tooMany = (0..<HistoryFile.limit * 2).map { "line \($0)" }
    private static let kept = tooMany.suffix(HistoryFile.limit - 1) + ["new"]

    private func create(_ name: String, _ lines: [String]) throws -> String {
        let path = "\(folder)/\(name)"
        try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    private func content(_ path: String) throws -> [Substring] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    }

    @Test("A history that is too long is shortened, and keeps its permissions")
    func shortened() async throws {
        let path = try create("history", Self.tooMany)
        chmod(path, 0o640)
        try await HistoryFile(path: path).append("new")
        #expect(try content(path).map(String.init) == Array(Self.kept))
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["history"])
    }

    @Test("A symbolic link is kept when its target is appended to, shortened or created")
    func link() async throws {
        let link = folder + "/history"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "target")
        let history = HistoryFile(path: link)
        #expect(try history.load() == [])
        try await history.append("first")
        #expect(try content(folder + "/target") == ["first"])
        _ = try create("target", Self.tooMany)
        try await history.append("new")
        #expect(try history.load() == Array(Self.kept))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target")
    }

    @Test("A history is rewritten in place if no temporary file can be created")
    func inPlace() async throws {
        // The name of a temporary file would be too long.
        let path = try create(String(repeating: "h", count: 255), Self.tooMany)
        let before = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
        try await HistoryFile(path: path).append("new")
        #expect(try content(path).map(String.init) == Array(Self.kept))
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == before)
    }

    @Test("A writable history in a read-only folder is shortened")
    func readOnlyFolder() async throws {
        let path = try create("history", Self.tooMany)
        chmod(folder, 0o500)
        try await HistoryFile(path: path).append("new")
        #expect(try content(path).map(String.init) == Array(Self.kept))
    }

    @Test("A lock held for too long is an error; one released in time is not")
    func locked() async throws {
        let path = try create("history", ["old"])
        let other = open(path, O_RDONLY)
        defer { close(other) }
        #expect(flock(other, LOCK_EX) == 0)
        let error = await #expect(throws: HistoryError.self) {
            try await HistoryFile(path: path, lockTimeout: .milliseconds(50)).append("new")
        }
        #expect(error?.description == "\(path) is locked by another process")
        #expect(try HistoryFile(path: path).load() == ["old"])

        async let appended: Void = HistoryFile(path: path, lockTimeout: .seconds(60)).append("new")
        #expect(flock(other, LOCK_UN) == 0)
        try await appended
        #expect(try content(path) == ["old", "new"])
    }

    @Test("Anything but a regular file is rejected as a history", arguments: ["a folder", "a FIFO", "a device"])
    func notAFile(kind: String) async throws {
        let path = folder + "/history"
        switch kind {
        case "a folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        case "a FIFO": #expect(mkfifo(path, 0o600) == 0)
        default: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/zero")
        }
        #expect(throws: HistoryError.self) { try HistoryFile(path: path).load() }
        await #expect(throws: HistoryError.self) { try await HistoryFile(path: path).append("new") }
    }

    @Test("Only the end of a huge history is read and kept")
    func huge() async throws {
        let path = try create("history", [])
        #expect(truncate(path, 1 << 30) == 0)
        try await HistoryFile(path: path).append("new")
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("last\n".utf8))
        #expect(try HistoryFile(path: path).load().suffix(2) == ["new", "last"])
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? .max < 32 << 20)
    }

    @Test("A line appended after an incomplete one starts on its own line")
    func cutShort() async throws {
        let path = folder + "/history"
        try "one\ntw".write(toFile: path, atomically: false, encoding: .utf8)
        try await HistoryFile(path: path).append("three")
        #expect(try content(path) == ["one", "tw", "three"])
    }
}

extension HistoryFile {
    fileprivate func append(_ line: String) async throws(HistoryError) {
        let error = await withCheckedContinuation { continuation in
            append(line) { continuation.resume(returning: $0) }
        }
        if let error { throw error }
    }
}
